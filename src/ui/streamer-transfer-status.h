/* streamer-transfer-status.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-transfer.h"

G_BEGIN_DECLS

/**
 * StreamerTransferFacts:
 * @size: bytes, or STREAMER_SIZE_UNKNOWN
 * @sent: bytes
 * @fraction: 0 to 1
 * @speed: bytes per second, 0 while unknown
 * @time_left: seconds, -1 while unknown
 * @retry_in: seconds until the next attempt while stalled
 * @can_resume: whether it goes on where it stopped, when it is asked to
 * @can_start_over: whether it can begin anew
 * @has_file: whether it is of a file, not of a pipe
 * @is_for_bucket: whether it goes straight to a bucket, so that keys are what it may need
 * @error: (nullable): the transfer's own
 * @url: (nullable): the transfer's own
 *
 * What the window says about a transfer depends on this and nothing else.
 */
typedef struct
{
  StreamerTransferState state;
  guint64 size;
  guint64 sent;
  double fraction;
  guint64 speed;
  gint64 time_left;
  gint64 retry_in;
  gboolean can_resume;
  gboolean can_start_over;
  gboolean has_file;
  gboolean is_for_bucket;
  const GError *error;
  const char *url;
} StreamerTransferFacts;

/** @now: monotonic microseconds. The facts are valid until the transfer changes. */
void
streamer_transfer_facts_init (StreamerTransferFacts *facts, StreamerTransfer *transfer, gint64 now);

/** Returns: (transfer full): one line on how the transfer stands */
char *streamer_transfer_facts_get_status (const StreamerTransferFacts *facts);
/** Returns: (transfer full): "1.2 of 4.0 GB" */
char *streamer_transfer_facts_get_amount (const StreamerTransferFacts *facts);
/** Returns: (transfer full): "38 MB/s, about 3 minutes left", or "" while nothing moves */
char *streamer_transfer_facts_get_pace (const StreamerTransferFacts *facts);
/** Returns: (transfer full) (nullable): what the server keeps of a transfer that stopped */
char *streamer_transfer_facts_get_kept (const StreamerTransferFacts *facts);

/** @speed: bytes per second. Returns: (transfer full): "38 MB/s" */
char *streamer_speed_text (guint64 speed);

/** Returns: (transfer full): one line on how a part stands */
char *streamer_part_status (StreamerPartState state, guint64 sent, guint64 size, guint attempts);

/**
 * StreamerTransferGroup:
 *
 * Where a transfer stands in the list.
 */
typedef enum
{
  STREAMER_TRANSFER_GROUP_UPLOADING,
  STREAMER_TRANSFER_GROUP_FAILED,
  STREAMER_TRANSFER_GROUP_WAITING,
  STREAMER_TRANSFER_GROUP_FINISHED,
  STREAMER_TRANSFER_N_GROUPS,
} StreamerTransferGroup;

StreamerTransferGroup streamer_transfer_state_get_group (StreamerTransferState state);
const char *streamer_transfer_group_get_title (StreamerTransferGroup group);

/**
 * StreamerTransferVerb:
 *
 * What can be done with a transfer, as flags; the lowest one that applies is the main action.
 */
typedef enum
{
  STREAMER_TRANSFER_VERB_ENTER_TOKEN = 1 << 0,
  STREAMER_TRANSFER_VERB_ENTER_KEYS = 1 << 1,
  STREAMER_TRANSFER_VERB_START_OVER = 1 << 2,
  STREAMER_TRANSFER_VERB_REPLACE = 1 << 3,
  STREAMER_TRANSFER_VERB_TRY_AGAIN = 1 << 4,
  STREAMER_TRANSFER_VERB_TRY_NOW = 1 << 5,
  STREAMER_TRANSFER_VERB_RESUME = 1 << 6,
  STREAMER_TRANSFER_VERB_START_NOW = 1 << 7,
  STREAMER_TRANSFER_VERB_PAUSE = 1 << 8,
  STREAMER_TRANSFER_VERB_COPY_LINK = 1 << 9,
  STREAMER_TRANSFER_VERB_OPEN_LINK = 1 << 10,
  STREAMER_TRANSFER_VERB_SHOW_IN_FILES = 1 << 11,
  STREAMER_TRANSFER_VERB_UPLOAD_AGAIN = 1 << 12,
  STREAMER_TRANSFER_VERB_COPY_DETAILS = 1 << 13,
  STREAMER_TRANSFER_VERB_CANCEL = 1 << 14,
  STREAMER_TRANSFER_VERB_REMOVE_FROM_SERVER = 1 << 15,
  STREAMER_TRANSFER_VERB_REMOVE_FROM_LIST = 1 << 16,
} StreamerTransferVerb;

#define STREAMER_TRANSFER_N_VERBS 17

/**
 * StreamerTransferVerbInfo:
 * @verb: which one
 * @action: the window's action, whose parameter is the transfer's id
 * @label: untranslated; N_()
 * @icon_name: symbolic
 */
typedef struct
{
  StreamerTransferVerb verb;
  const char *action;
  const char *label;
  const char *icon_name;
} StreamerTransferVerbInfo;

/** In the order of menus. */
extern const StreamerTransferVerbInfo streamer_transfer_verbs[STREAMER_TRANSFER_N_VERBS];

/** Returns: flags of StreamerTransferVerb */
guint streamer_transfer_facts_get_verbs (const StreamerTransferFacts *facts);
/** Returns: flags of StreamerTransferVerb, as @transfer stands now */
guint streamer_transfer_get_verbs (StreamerTransfer *transfer);
/** Returns: (nullable): the main action among @verbs */
const StreamerTransferVerbInfo *streamer_transfer_verbs_get_main (guint verbs);

G_END_DECLS
