/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A zlib stream (RFC 1950) for rows of maps: runs of one byte, and Huffman codes made
 * for each block (RFC 1951). Nothing else is looked for, as filtered maps hold hardly
 * anything else.
 *
 * Blocks are cut by the bytes that came before alone, and there is no code for a
 * particular CPU: the stream depends on the data only, however it is handed over.
 * zlib's Z_RLE gives streams as short in several times the time; libdeflate wants the
 * whole data at once; ISA-L's streams differ from CPU to CPU.
 */
#ifndef IMAGE_RUN_DEFLATE_H
#define IMAGE_RUN_DEFLATE_H

#include <stddef.h>
#include <stdint.h>

/* Takes the next bytes of the stream. */
typedef void run_deflate_sink(void *context, const uint8_t *data, size_t bytes);

struct run_deflate;

/* NULL: no memory. The sink is called from add and end alone, and may leave them by a
 * long jump; then the stream is only good for destroy. */
struct run_deflate *run_deflate_create(run_deflate_sink *sink, void *context);
void run_deflate_add(struct run_deflate *stream, const uint8_t *data, size_t bytes);
void run_deflate_end(struct run_deflate *stream);
void run_deflate_destroy(struct run_deflate *stream);

#endif
