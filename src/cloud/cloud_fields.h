/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fields of a point, one row of a table each, and their packing into records.
 *
 * Records are little-endian whatever the machine. The table's order is the order in
 * files.
 */
#ifndef CLOUD_CLOUD_FIELDS_H
#define CLOUD_CLOUD_FIELDS_H

#include "cloud/point_row.h"

enum field_type { FIELD_FLOAT32, FIELD_UINT8 };

enum { FIELD_MAX = 16, RECORD_MAX_BYTES = 64 };

struct cloud_field {
    const char *name;     /* as in PLY */
    const char *pcd_name; /* NULL: packed into rgb */
    enum field_type type;
    int decimals; /* in text, with millimetres */
    bool length;  /* in the cloud's unit: three more decimals with metres */
    bool (*wanted)(const struct po_cloud_settings *settings);
    /* Writes the field of each point of the row, `stride` bytes apart; NULL: the field
     * before writes this one too. */
    void (*pack)(const struct point_row *row, unsigned char *out, size_t stride);
};

/* Bytes of one value in text with what parts it from the next, of usual size. */
int cloud_field_text_bytes(const struct cloud_field *field);

/* The fields these settings ask for; returns their number. */
int cloud_fields_list(const struct po_cloud_settings *settings,
                      const struct cloud_field *fields[FIELD_MAX]);

size_t cloud_field_bytes(const struct cloud_field *field);

/* Bytes of one packed point. */
size_t cloud_record_bytes(const struct cloud_field *const *fields, int count);

/* Packs all points of the row, record after record. */
void cloud_records_pack(const struct cloud_field *const *fields, int count,
                        const struct point_row *row, unsigned char *records);

/* Little-endian stores. */
void store_u32(unsigned char *out, uint32_t value);
void store_f32(unsigned char *out, float value);
float load_f32(const unsigned char *in);

#endif
