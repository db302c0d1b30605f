/* streamer-queue-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-meter.h"
#include "streamer-queue.h"

G_BEGIN_DECLS

typedef struct _StreamerAdd StreamerAdd;

typedef struct
{
  StreamerQueue *queue;       /* (borrowed) */
  StreamerTransfer *transfer; /* (owned) */
  gulong handler;
  guint serial;
  GSequenceIter *position;
  GSequenceIter *waiting; /* (nullable) */

  /* what it adds to the queue's totals */
  gboolean active;
  gboolean open;
  gboolean needs_token;
  gboolean stalled;
  guint64 size;
  guint64 sent;
} StreamerQueueEntry;

/* A connection whose transfers are held up. */
typedef struct
{
  StreamerConnection *connection; /* (owned) */
  guint n_transfers;
} StreamerQueueHeld;

struct _StreamerQueue
{
  GObject parent_instance;

  GThread *owner;
  GMainContext *context;    /* (owned) */
  StreamerPool *pool;       /* (owned) */
  StreamerRateLimit *limit; /* (owned) */
  guint parts;
  gboolean is_stopped; /* nothing is started any more */
  GTask *stop_task;    /* (owned) (nullable): waits for the workers */
  gboolean is_flushing;

  StreamerJournal *journal; /* (owned) (nullable) */
  StreamerJanitor *janitor; /* (owned) (nullable) */
  StreamerConnect connect;
  gpointer connect_data;   /* the janitor's, which frees it */
  GHashTable *connections; /* (owned): record → StreamerConnection, of what was restored */
  guint n_restoring;

  GSequence *entries;      /* (element-type StreamerQueueEntry) (owned): in the order given */
  GHashTable *by_transfer; /* StreamerTransfer → StreamerQueueEntry */
  GSequence *waiting;      /* (element-type StreamerQueueEntry) (borrowed): by serial */
  guint next_serial;

  /* kept, not counted */
  guint n_active;
  guint n_open; /* not over */
  guint64 size; /* of those that are not over */
  guint64 sent;
  guint64 moved;   /* bytes, ever */
  GPtrArray *held; /* (element-type StreamerQueueHeld): connections that need a token */
  GPtrArray *away; /* (element-type StreamerQueueHeld): whose server does not answer */
  guint n_stalled; /* transfers of all these */

  /* as last notified */
  guint shown_active;
  guint shown_waiting;
  guint64 shown_size;
  guint64 shown_sent;
  gboolean shown_idle;
  StreamerConnection *shown_needs_token; /* (owned) (nullable) */

  char *wrong_clock;    /* (owned) (nullable) */
  char *wrong_clock_by; /* (owned) (nullable): id of the connection that says so */

  StreamerMeter meter;
  GSource *update; /* (owned) (nullable) */
  GSource *tick;   /* (owned) (nullable) */

  GQueue adds;             /* (element-type StreamerAdd) (borrowed): the first is being read */
  GPtrArray *cancel_tasks; /* (element-type GTask) (owned) */
};

/* streamer-queue.c */
void streamer_queue_append (StreamerQueue *self, GPtrArray *transfers);
void streamer_queue_changed (StreamerQueue *self);
GPtrArray *streamer_queue_dup_transfers (StreamerQueue *self);

/* streamer-queue-entry.c */
StreamerQueueEntry *
streamer_queue_entry_new (StreamerQueue *queue, StreamerTransfer *transfer, guint serial);
void streamer_queue_entry_free (StreamerQueueEntry *entry);
void streamer_queue_held_free (StreamerQueueHeld *held);
/** @helds: (element-type StreamerQueueHeld). Returns: how many of the connection's are among them */
guint streamer_queue_count_held (GPtrArray *helds, StreamerConnection *connection);
gboolean streamer_queue_is_same_connection (StreamerConnection *a, StreamerConnection *b);

/* streamer-queue-add.c */
void streamer_queue_cancel_adds (StreamerQueue *self);

/* streamer-queue-end.c */
void streamer_queue_check_cancelled (StreamerQueue *self);

/* streamer-queue-clock.c */

/** What its server's answers say of the clock may have changed. */
void streamer_queue_check_clock (StreamerQueue *self, StreamerConnection *connection);

/* streamer-queue-memory.c */
void streamer_queue_give_memory (StreamerQueue *self, StreamerConnection *connection);

/* streamer-queue-stop.c */
void streamer_queue_check_stopped (StreamerQueue *self);

G_END_DECLS
