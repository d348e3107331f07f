/* SPDX-License-Identifier: Apache-2.0 */
#include "base/thread.h"

#include <pthread.h>
#include <stdlib.h>

struct mutex {
    pthread_mutex_t handle;
};

enum po_status mutex_create(struct mutex **mutex, struct po_error *error)
{
    *mutex = calloc(1, sizeof(**mutex));
    if (*mutex == NULL || pthread_mutex_init(&(*mutex)->handle, NULL) != 0) {
        free(*mutex);
        *mutex = NULL;
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for a mutex");
    }
    return PO_OK;
}

void mutex_destroy(struct mutex *mutex)
{
    if (mutex != NULL)
        (void)pthread_mutex_destroy(&mutex->handle);
    free(mutex);
}

void mutex_lock(struct mutex *mutex)
{
    (void)pthread_mutex_lock(&mutex->handle);
}

void mutex_unlock(struct mutex *mutex)
{
    (void)pthread_mutex_unlock(&mutex->handle);
}
