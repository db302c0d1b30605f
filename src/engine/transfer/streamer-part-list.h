/* streamer-part-list.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "streamer-store.h"

G_BEGIN_DECLS

/**
 * StreamerPartState:
 * @STREAMER_PART_WAITING: not started, or to be sent again
 * @STREAMER_PART_QUEUED: handed to the pool, where no worker has taken it yet
 * @STREAMER_PART_ACTIVE: on its way
 * @STREAMER_PART_RETRYING: failed, waits to be sent again
 * @STREAMER_PART_DONE: the store has it
 * @STREAMER_PART_FAILED: given up
 */
typedef enum
{
  STREAMER_PART_WAITING,
  STREAMER_PART_QUEUED,
  STREAMER_PART_ACTIVE,
  STREAMER_PART_RETRYING,
  STREAMER_PART_DONE,
  STREAMER_PART_FAILED,
} StreamerPartState;

#define STREAMER_TYPE_PART (streamer_part_get_type ())
G_DECLARE_FINAL_TYPE (StreamerPart, streamer_part, STREAMER, PART, GObject)

/**
 * StreamerPart:
 *
 * What the view sees of one part: a light object made when somebody looks. Properties, all
 * read-only and notified on the owner's context at most four times a second: `number` (uint, from
 * 1), `state` (int, StreamerPartState), `size` and `sent` (uint64, bytes), `fraction` (double, 0
 * to 1), `attempts` (uint, that failed).
 */
guint streamer_part_get_number (StreamerPart *self);
StreamerPartState streamer_part_get_state (StreamerPart *self);
guint64 streamer_part_get_size (StreamerPart *self);
guint64 streamer_part_get_sent (StreamerPart *self);
double streamer_part_get_fraction (StreamerPart *self);
guint streamer_part_get_attempts (StreamerPart *self);

#define STREAMER_TYPE_PART_LIST (streamer_part_list_get_type ())
G_DECLARE_FINAL_TYPE (StreamerPartList, streamer_part_list, STREAMER, PART_LIST, GObject)

/**
 * StreamerPartList:
 *
 * The parts of one transfer: a compact table, so that 10,000 parts cost next to nothing, with the
 * face of a GListModel of StreamerPart. Owner's thread, except for the counters that
 * streamer_part_list_get_counter() hands to workers.
 */
StreamerPartList *streamer_part_list_new (const StreamerPlan *plan);

/**
 * Adds the part that a pipe turned out to have; for an unknown size the list begins empty and grows
 * to at most what the plan says.
 */
void streamer_part_list_grow (StreamerPartList *self);
/** Sets the real number of parts once a pipe has ended; @last_size is the last part's bytes. */
void streamer_part_list_truncate (StreamerPartList *self, guint n_parts, guint64 last_size);

guint streamer_part_list_get_n_parts (StreamerPartList *self);
StreamerPartState streamer_part_list_get_state (StreamerPartList *self, guint number);
void streamer_part_list_set_state (StreamerPartList *self, guint number, StreamerPartState state);
/** Counts a failed attempt at @number. */
void streamer_part_list_add_attempt (StreamerPartList *self, guint number);
/** Returns: how many parts are in @state; kept, not counted */
guint streamer_part_list_count (StreamerPartList *self, StreamerPartState state);
/** Returns: the first waiting part, or 0 */
guint streamer_part_list_next_waiting (StreamerPartList *self);

/**
 * streamer_part_list_set_stored:
 * @stored: copied
 *
 * The store has the part: its state becomes STREAMER_PART_DONE.
 */
void streamer_part_list_set_stored (StreamerPartList *self, const StreamerStoredPart *stored);
/** Returns: (transfer full) (element-type StreamerStoredPart): those that are done, by number */
GArray *streamer_part_list_get_stored (StreamerPartList *self);
/** Returns: CRC-32 of the part, which must be done */
guint32 streamer_part_list_get_part_crc32 (StreamerPartList *self, guint number);
/** Returns: CRC-32 of all bytes in order; all parts must be done */
guint32 streamer_part_list_get_crc32 (StreamerPartList *self);

/** Returns: (transfer none): the attempt's byte counter of a queued or active part, for one worker */
gsize *streamer_part_list_get_counter (StreamerPartList *self, guint number);
/** Returns: bytes of done parts and of running attempts */
guint64 streamer_part_list_get_sent (StreamerPartList *self);
/** Brings the StreamerParts that somebody holds up to date. */
void streamer_part_list_notify (StreamerPartList *self);

G_END_DECLS
