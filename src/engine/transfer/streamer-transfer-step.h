/* streamer-transfer-step.h: one thing that a worker does for a transfer as a whole
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-transfer-private.h"

G_BEGIN_DECLS

/* The worker reads what was filled in when the step was made, and leaves what it found; it never
 * touches the transfer. */
typedef struct
{
  StreamerTransfer *transfer; /* (owned); owner's thread only */
  guint run;

  StreamerTarget *target; /* (owned) */
  char *path;             /* (owned) (nullable) */
  gboolean is_pipe;
  int pipe_fd;
  guint pipe_max_kept;
  StreamerStore *store;   /* (owned) (nullable); also found */
  StreamerSource *source; /* (owned) (nullable); also found */
  gboolean planned;
  StreamerPlan plan; /* also found */
  gboolean has_identity;
  StreamerSourceIdentity identity; /* also found */
  gboolean is_old_device;
  StreamerUpload *upload;      /* (owned) (nullable) */
  gboolean unsure;             /* it may have been begun before; also found */
  gint64 began_at;             /* when; also found */
  gboolean finish_sent;        /* the store may have finished it; also found */
  GArray *parts;               /* (owned) (nullable); also found */
  StreamerJournal *journal;    /* (owned) (nullable) */
  StreamerJournalEntry *entry; /* (owned) (nullable): becomes the receipt */
} StreamerStep;

/** Returns: (transfer full): with what is known of the transfer now */
StreamerStep *streamer_step_new (StreamerTransfer *self);
void streamer_step_free (StreamerStep *step);

/** @step: (transfer full): its transfer stalls while it waits to be made again */
void streamer_step_run (StreamerTransfer *self,
                        StreamerStep *step,
                        StreamerPoolFunc func,
                        GAsyncReadyCallback callback);
/** Returns: whether the step succeeded; @current: whether its run still goes on */
gboolean streamer_step_finish (StreamerStep *step,
                               GObject *pool,
                               GAsyncResult *result,
                               gboolean *current,
                               guint *n_retries,
                               GError **error);

G_END_DECLS
