/* SPDX-License-Identifier: Apache-2.0 */
#include "calib/matio_library.h"

#include <dlfcn.h>
#include <string.h>

static void *open_library(void)
{
    static const char *const names[] = {"libmatio.so.11", "libmatio.so.13",
                                        "libmatio.so.12", "libmatio.so.9", "libmatio.so"};
    void *handle = NULL;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && handle == NULL; i++)
        handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    return handle;
}

bool matio_library_load(struct matio_library *library)
{
    memset(library, 0, sizeof(*library));
    library->handle = open_library();
    if (library->handle == NULL)
        return false;
    const struct {
        const char *name;
        void *place;
    } symbols[] = {
        {"Mat_Open", &library->open},
        {"Mat_Close", &library->close},
        {"Mat_VarReadNextInfo", &library->next_info},
        {"Mat_VarReadDataAll", &library->read_data},
        {"Mat_VarFree", &library->free},
        {"Mat_VarGetNumberOfFields", &library->field_count},
        {"Mat_VarGetStructFieldByIndex", &library->field},
    };
    for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
        void *found = dlsym(library->handle, symbols[i].name);
        if (found == NULL)
            return false;
        memcpy(symbols[i].place, &found, sizeof(found)); /* POSIX: both are one size */
    }
    return true;
}
