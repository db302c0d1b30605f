/* streamer-transfer-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-journal.h"
#include "streamer-meter.h"
#include "streamer-retry.h"
#include "streamer-transfer.h"

G_BEGIN_DECLS

/* How often an upload that the store lost or mangled is begun again before the file fails. */
#define STREAMER_TRANSFER_MAX_GENERATIONS 3

/* Giving up an upload frees what others wait for, and is short: it goes before all parts. */
#define STREAMER_TRANSFER_PRIORITY_LET_GO (G_MININT)

/* A server that is gone cannot be told, and nobody waits for ever to tell it. */
#define STREAMER_TRANSFER_PATIENCE_LET_GO (30 * G_TIME_SPAN_SECOND)

/*
 * A transfer works in runs: from a start to the pause, failure or end that follows. What a worker
 * brings back belongs to the run in which it was sent out, and is only used for its facts (a part
 * that is stored is stored) when that run is over. Nothing new is sent out for a transfer before
 * all workers of an earlier run are back, so that a part is never sent twice at the same time and
 * an upload is never given up while something is still being put into it.
 */
struct _StreamerTransfer
{
  GObject parent_instance;

  GThread *owner;
  GMainContext *context; /* (owned) */

  /* what was asked for */
  char *id;                 /* (owned) */
  GFile *file;              /* (owned) (nullable): NULL for a pipe */
  char *path;               /* (owned) (nullable) (type filename) */
  char *name;               /* (owned): for display */
  char *key;                /* (owned) (nullable): NULL where the name cannot be one */
  StreamerTarget *target;   /* (owned) */
  StreamerPool *pool;       /* (owned) (nullable): NULL where it was refused */
  StreamerRateLimit *limit; /* (owned) (nullable) */
  StreamerJournal *journal; /* (owned) (nullable) */
  gboolean is_pipe;
  int pipe_fd;  /* (owned): -1 once the source has it */
  guint64 size; /* bytes, as far as known */

  /* what has been found out and begun */
  StreamerStore *store;   /* (owned) (nullable) */
  StreamerSource *source; /* (owned) (nullable) */
  gboolean has_identity;
  StreamerSourceIdentity identity; /* of the file as it was when the upload was begun */
  gboolean is_old_device;          /* in @identity, as an earlier run of the program found it */
  gboolean planned;                /* @plan is of @source */
  StreamerPlan plan;
  StreamerPartList *parts; /* (owned) (nullable): stays for the eye when the rest is gone */
  StreamerUpload *upload;  /* (owned) (nullable) */
  gboolean upload_unsure;  /* the store may have begun @upload although it has no id */
  gint64 began_at;         /* µs since the epoch: when that was last asked of it */
  gboolean put_unsure;     /* the store may have a part of @upload although it was not heard of */
  gboolean finish_sent;    /* the store may have finished @upload */
  gboolean is_reconciled;  /* what the store has was compared in this run, since it complained */
  GArray *unchecked;       /* (element-type guint): parts that are stored, says the journal */
  StreamerUpload *dropped; /* (owned) (nullable): to be given up in the store */
  guint generation;        /* uploads begun for the same bytes */
  GHashTable *slices;      /* (owned) (nullable): number → StreamerSlice, in no job */

  /* a pipe, see streamer-transfer-pipe.c */
  GCancellable *pipe_cancellable; /* (owned) (nullable) */
  gboolean pipe_reading;
  gboolean pipe_ended;
  guint pipe_read;     /* parts that have come out of it */
  guint pipe_released; /* of these, how many are gone since the store has or had them */
  guint pipe_max_kept;

  /* the run */
  int priority;
  guint run;
  gboolean running;
  GCancellable *cancellable; /* (owned) (nullable) */
  guint n_jobs;              /* sent out, of all runs */
  gboolean start_pending;    /* starts when @n_jobs is 0 */
  GPtrArray *part_jobs;      /* (element-type StreamerPartJob) (borrowed): of this run */
  GSource *tick;             /* (owned) (nullable) */

  /* how it stands */
  StreamerTransferState state;
  gboolean busy;
  GError *error; /* (owned) (nullable) */
  guint64 sent;  /* as notified */
  StreamerMeter meter;
  gint64 retry_at;
  GPtrArray *cancel_tasks; /* (element-type GTask) (owned) */

  StreamerJournalState noted; /* in the journal */
  gboolean is_removed;        /* from it */

  /* for the receipt */
  gint64 created_at; /* µs since the epoch, as those that are real */
  gint64 started_at; /* monotonic µs of the first start, or 0 */
  gint64 started_at_real;
  gint64 ended_at;
  gint64 ended_at_real;
  guint n_retries;
  char *url;  /* (owned) (nullable) */
  char *etag; /* (owned) (nullable) */
  gboolean has_crc32;
  guint32 crc32;
  char *sha256; /* (owned) (nullable) */
};

/* streamer-transfer-state.c */
const char *streamer_transfer_state_get_nick (StreamerTransferState state);

/* streamer-transfer.c */
void streamer_transfer_set_state (StreamerTransfer *self, StreamerTransferState state);
void streamer_transfer_set_error (StreamerTransfer *self, const GError *error);
void streamer_transfer_set_retry_at (StreamerTransfer *self, gint64 retry_at);
void streamer_transfer_set_result (StreamerTransfer *self, const StreamerJournalEntry *receipt);
void streamer_transfer_set_size (StreamerTransfer *self, guint64 size);
void streamer_transfer_set_parts (StreamerTransfer *self, StreamerPartList *parts);
void streamer_transfer_set_busy (StreamerTransfer *self, gboolean busy);
void streamer_transfer_notify_n_parts (StreamerTransfer *self);
void streamer_transfer_notify_progress (StreamerTransfer *self);

/* streamer-transfer-journal.c */

/** Before it is started. */
void streamer_transfer_set_journal (StreamerTransfer *self, StreamerJournal *journal);
/**
 * A step goes on only if what it is about is written down; otherwise no file fails, but all wait.
 * Worker thread. Returns: @is_written, otherwise with STREAMER_ERROR_JOURNAL, or _NO_UPLOAD
 */
gboolean streamer_transfer_check_written (gboolean is_written, GError **error);
/** Writes all of it down. */
void streamer_transfer_put (StreamerTransfer *self);
/** Takes it from the journal, for good: also when a worker comes back that has put it there again. */
void streamer_transfer_remove (StreamerTransfer *self);
void streamer_transfer_note_state (StreamerTransfer *self, gboolean again);

/**
 * streamer_transfer_new_restored:
 * @upload: (nullable): its newest, unless that is given up
 * @parts: (element-type StreamerStoredPart): of @upload
 * @target: made of @entry
 * @journal: where these are from, and are this session's
 *
 * The transfer as an earlier run of the program left it.
 */
StreamerTransfer *streamer_transfer_new_restored (const StreamerJournalEntry *entry,
                                                  const StreamerJournalUpload *upload,
                                                  GArray *parts,
                                                  StreamerTarget *target,
                                                  StreamerPool *pool,
                                                  StreamerRateLimit *limit,
                                                  StreamerJournal *journal);

/* streamer-transfer-run.c */
void streamer_transfer_begin_run (StreamerTransfer *self);
void streamer_transfer_stop_run (StreamerTransfer *self);
void streamer_transfer_fail (StreamerTransfer *self, const GError *error);
void streamer_transfer_stop_for_error (StreamerTransfer *self, const GError *error);
void streamer_transfer_begin_again (StreamerTransfer *self, const GError *error);
void streamer_transfer_drop_upload (StreamerTransfer *self);
void streamer_transfer_close_source (StreamerTransfer *self);
void streamer_transfer_forget (StreamerTransfer *self);
void streamer_transfer_settle (StreamerTransfer *self);
void streamer_transfer_abandon (StreamerTransfer *self);
gboolean streamer_transfer_can_survive (StreamerTransfer *self);

/* streamer-transfer-steps.c */

/** Whether @error says that the server has not done what it was asked for, as far as it knows. */
gboolean streamer_transfer_is_refusal (const GError *error);
/**
 * Whether @source is the file that the upload was begun with, which was @then. Any thread.
 * Returns: FALSE with STREAMER_ERROR_CHANGED
 */
gboolean streamer_transfer_check_file (StreamerSource *source,
                                       const StreamerSourceIdentity *then,
                                       const char *path,
                                       GError **error);
void streamer_transfer_prepare (StreamerTransfer *self);
void streamer_transfer_begin (StreamerTransfer *self);
void streamer_transfer_list_parts (StreamerTransfer *self);
StreamerUpload *streamer_transfer_make_upload (StreamerTransfer *self, const char *content_type);

/* streamer-transfer-finish.c */
void streamer_transfer_finish (StreamerTransfer *self);

/* streamer-transfer-let-go.c */
void streamer_transfer_let_go (StreamerTransfer *self);

/* streamer-transfer-parts.c */
void streamer_transfer_send_parts (StreamerTransfer *self);
void
streamer_transfer_keep_slice (StreamerTransfer *self, guint number, const StreamerSlice *slice);
void streamer_transfer_drop_parts (StreamerTransfer *self, const guint *numbers, gsize n_numbers);
gboolean streamer_transfer_has_all_parts (StreamerTransfer *self);
void streamer_transfer_fill (StreamerTransfer *self);
void streamer_transfer_stop_parts (StreamerTransfer *self);
void streamer_transfer_check_moving (StreamerTransfer *self);

/* streamer-transfer-pipe.c */
void streamer_transfer_read_pipe (StreamerTransfer *self);

G_END_DECLS
