/* SPDX-License-Identifier: Apache-2.0 */
#include "session/unread_files.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/number.h"
#include "base/path.h"

struct unread_kind {
    const char *name;
    const char *extensions[6];
    /* FILE stands for the file's name, STEM for it without extension: what comes out must
     * pair as the files did. */
    const char *command;
};

static const struct unread_kind kinds[] = {
    {"JPEG 2000",
     {"jp2", "j2k", "j2c", "jpx", "jpf"},
     "opj_decompress -i FILE -o STEM.png"},
    {"JPEG XL", {"jxl"}, "djxl FILE STEM.png"},
    {"HEIC", {"heic", "heif"}, "heif-convert FILE STEM.png"},
    {"AVIF", {"avif"}, "avifdec FILE STEM.png"},
    {"raw camera data", {"dng", "cr2", "cr3", "nef", "arw"}, "dcraw -T FILE"},
    {"GIF", {"gif"}, "ffmpeg -i FILE STEM_%06d.png"},
    {"OpenEXR", {"exr"}, "oiiotool FILE -o STEM.tif"},
    {"ZED recordings",
     {"svo", "svo2"},
     "the ZED SDK's export of image sequences (ZED_Explorer, or its svo_recording "
     "sample)"},
    {"video", {"mp4", "m4v"}, "ffmpeg -i FILE STEM_%06d.png"},
    {"AVI video", {"avi"}, "ffmpeg -i FILE STEM_%06d.png"},
    {"Matroska video", {"mkv", "webm"}, "ffmpeg -i FILE STEM_%06d.png"},
    {"QuickTime video", {"mov"}, "ffmpeg -i FILE STEM_%06d.png"},
    {"ROS recordings",
     {"bag"},
     "rosrun image_view extract_images while rosbag play FILE"},
    {"ROS 2 recordings",
     {"mcap", "db3"},
     "ros2 run image_view image_saver while ros2 bag play FILE"},
};

enum { KIND_COUNT = sizeof(kinds) / sizeof(kinds[0]) };

/* What was found of one kind. */
struct unread_count {
    int files;
    const char *folder; /* of the first */
    const char *first;
};

static int kind_of(const char *name)
{
    const char *extension = path_extension(name);
    for (int k = 0; k < KIND_COUNT; k++)
        for (int i = 0; i < 6 && kinds[k].extensions[i] != NULL; i++)
            if (strcasecmp(extension, kinds[k].extensions[i]) == 0)
                return k;
    return -1;
}

/* The command with the file's name in place of FILE and STEM. */
static void fill_command(const char *command, const char *file, char *text, size_t bytes)
{
    enum { PLACE_BYTES = 4, NAME_SHOWN = 60 };
    size_t extension = strlen(path_extension(file));
    int whole = (int)strlen(file);
    int stem = whole - (int)extension - 1; /* the point, too */
    size_t used = 0;
    text[0] = '\0';
    for (const char *at = command; *at != '\0' && used + 1 < bytes;) {
        bool is_file = strncmp(at, "FILE", PLACE_BYTES) == 0;
        bool is_stem = strncmp(at, "STEM", PLACE_BYTES) == 0;
        int shown = minimum(is_stem ? stem : whole, NAME_SHOWN);
        used += (size_t)snprintf(text + used, bytes - used, "%.*s",
                                 is_file || is_stem ? shown : 1,
                                 is_file || is_stem ? file : at);
        at += is_file || is_stem ? PLACE_BYTES : 1;
    }
}

static void warn_of(const struct unread_kind *kind, const struct unread_count *count,
                    struct warning_list *warnings)
{
    char command[200];
    fill_command(kind->command, count->first, command, sizeof(command));
    warning_list_add(warnings,
                     "%.120s: %d %s of %s, which is not read; make images of it: %s",
                     count->folder, count->files, count->files == 1 ? "file" : "files",
                     kind->name, command);
}

void unread_files_warn(const char *const *folders, const struct listing *listings,
                       int count, struct warning_list *warnings)
{
    struct unread_count counts[KIND_COUNT] = {{0}};
    for (int i = 0; i < count; i++)
        for (int entry = 0; entry < listings[i].count; entry++) {
            const struct listing_entry *file = &listings[i].entries[entry];
            int kind = file->is_image || file->is_directory ? -1 : kind_of(file->name);
            if (kind < 0 || counts[kind].files++ > 0)
                continue;
            counts[kind].folder = folders[i];
            counts[kind].first = file->name;
        }
    for (int k = 0; k < KIND_COUNT; k++)
        if (counts[k].files > 0)
            warn_of(&kinds[k], &counts[k], warnings);
}
