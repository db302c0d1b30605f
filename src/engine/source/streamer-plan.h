/* streamer-plan.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define STREAMER_MIB G_GUINT64_CONSTANT (1048576)

/* What the user may ask for; see also StreamerLimits for what a store takes. */
#define STREAMER_PART_SIZE_MIN_MIB     5
#define STREAMER_PART_SIZE_MAX_MIB     5120
#define STREAMER_PART_SIZE_DEFAULT_MIB 100
#define STREAMER_PARTS_MIN             1
#define STREAMER_PARTS_MAX             64
#define STREAMER_PARTS_DEFAULT         5

/* A source whose end is not known yet (a pipe). */
#define STREAMER_SIZE_UNKNOWN G_MAXUINT64

/**
 * StreamerLimits:
 * @min_part_size: bytes; of every part but the last
 * @max_part_size: bytes
 * @max_parts: parts in one upload
 * @max_object_size: bytes
 *
 * What a store takes.
 */
typedef struct
{
  guint64 min_part_size;
  guint64 max_part_size;
  guint max_parts;
  guint64 max_object_size;
} StreamerLimits;

/* Amazon S3 User Guide, "Amazon S3 multipart upload limits": 10,000 parts of 5 MiB to 5 GiB. */
extern const StreamerLimits streamer_limits_s3;

/**
 * StreamerPlan:
 * @size: bytes of the whole object, or STREAMER_SIZE_UNKNOWN
 * @part_size: bytes of every part but the last, at least 1
 * @n_parts: at least 1: a zero-byte object is one empty part; for an unknown size the most
 *   there can be
 *
 * How a file is cut. Pure arithmetic; fixed for the life of an upload.
 */
typedef struct
{
  guint64 size;
  guint64 part_size;
  guint n_parts;
} StreamerPlan;

/**
 * streamer_plan_init:
 * @plan: (out caller-allocates): the plan
 * @size: bytes, or STREAMER_SIZE_UNKNOWN
 * @part_size: bytes asked for, or 0 for the default
 * @limits: what the store takes
 *
 * The part size becomes what was asked for, brought into @limits and, where @size needs it, grown
 * to whole MiB so that `limits->max_parts` suffice.
 *
 * Returns: FALSE with STREAMER_ERROR_TOO_LARGE where @size does not fit into @limits
 */
gboolean streamer_plan_init (StreamerPlan *plan,
                             guint64 size,
                             guint64 part_size,
                             const StreamerLimits *limits,
                             GError **error);

/**
 * streamer_plan_get_part:
 * @number: from 1 to `plan->n_parts`
 * @offset: (out): bytes from the start of the object
 * @length: (out): bytes; for an unknown size the part size
 */
void
streamer_plan_get_part (const StreamerPlan *plan, guint number, guint64 *offset, guint64 *length);

G_END_DECLS
