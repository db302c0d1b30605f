/* streamer-journal-private.h: what the files of the journal share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-database.h"
#include "streamer-journal.h"

G_BEGIN_DECLS

/* Of the tables' columns, in the order in which they are read and written. */
#define STREAMER_JOURNAL_TRANSFER_COLUMNS                                                          \
  "id, session, connection, path, name, key, prefix, asked_part_size, overwrite, tmp,"             \
  " content_type, storage_class, metadata, wants_sha256, has_identity, device, inode,"             \
  " source_size, mtime_ns, ctime_ns, planned, size,"                                               \
  " part_size, n_parts, generation, state, error_code, error, url, etag, crc32, sha256,"           \
  " created_at, started_at, ended_at, seconds, retries"
#define STREAMER_JOURNAL_UPLOAD_COLUMNS                                                            \
  "number, session, transfer, connection, key, size, part_size, n_parts, content_type,"            \
  " overwrite, generation, resume_id, upload_id, state, began_at, n_aborts, abort_tried_at"

/* -- sessions: one for each journal that is open, in this process or another. Any thread. */

typedef struct _StreamerJournalSession StreamerJournalSession;

StreamerJournalSession *streamer_journal_session_new (const char *folder, GError **error);
void streamer_journal_session_free (StreamerJournalSession *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerJournalSession, streamer_journal_session_free)

/** Returns: greater than 0 */
gint64 streamer_journal_session_get_number (StreamerJournalSession *self);
StreamerJournalOwner streamer_journal_session_get_owner (StreamerJournalSession *self,
                                                         gint64 number);
/** Returns: the process that has the session @number, or had it */
int streamer_journal_session_get_process (gint64 number);
/** Between these two, no other session opens the database, or sets it aside. */
gboolean streamer_journal_session_enter (StreamerJournalSession *self, GError **error);
void streamer_journal_session_leave (StreamerJournalSession *self);
/** Within: returns: whether no other session lives */
gboolean streamer_journal_session_is_alone (StreamerJournalSession *self);

/* -- schema */

typedef enum
{
  STREAMER_JOURNAL_FILE_GOOD,
  STREAMER_JOURNAL_FILE_DAMAGED,
  STREAMER_JOURNAL_FILE_NEWER,
  STREAMER_JOURNAL_FILE_FAILED, /* it cannot be said */
} StreamerJournalFile;

/** Returns: whether SQLite's @code says that the file is none of its own, or damaged */
gboolean streamer_journal_is_damage (int code);

/** Looks through the whole file, and brings its schema up to date.
 * @error: set unless it is good */
StreamerJournalFile streamer_journal_schema_prepare (StreamerDatabase *database, GError **error);

/** The same with other @steps, each SQL that leads from its place's version to the next. */
StreamerJournalFile streamer_journal_schema_migrate (StreamerDatabase *database,
                                                     const char *const *steps,
                                                     guint n_steps,
                                                     GError **error);
guint streamer_journal_schema_get_version (void);

/* -- the database of an open journal */

struct _StreamerJournal
{
  GObject parent_instance;

  char *path;                      /* (owned) (type filename) */
  GMainContext *context;           /* (owned) */
  GWeakRef *weak;                  /* (owned): to itself, counted atomically */
  StreamerJournalSession *session; /* (owned) */

  GMutex read_lock;
  StreamerDatabase *reader; /* (owned) (nullable): read_lock */

  StreamerDatabase *database; /* (owned) (nullable): the opener's, then the writer's */
  int pages;                  /* in the log since the last checkpoint: the writer's */
  gboolean is_full_sync;      /* the writer's */
  gboolean is_doubtful;       /* what was to be on the disk may not be: the writer's */

  GThread *writer; /* (owned) */
  GMutex lock;
  GCond queued;
  GCond settled;
  GQueue queue;         /* (element-type StreamerJournalWrite): lock */
  guint n_kept;         /* at the head of the queue, have failed before: lock */
  gboolean is_stopping; /* lock */
  gboolean is_damaged;  /* a reader says so: lock */
  gboolean is_told;     /* a notification is on its way: lock */
  GError *error;        /* (owned) (nullable): lock */
  GPtrArray *set_aside; /* (owned) (element-type filename): lock */
};

/** Opens both connections; a damaged database is set aside first, if that is allowed. */
gboolean streamer_journal_open_databases (StreamerJournal *self, GError **error);
void streamer_journal_close_databases (StreamerJournal *self);
/** The same again, for a database of which is known that it is damaged. The writer. */
gboolean streamer_journal_recover (StreamerJournal *self, GError **error);
/** Makes @error (transfer full) one that names the file. */
void streamer_journal_take_error (StreamerJournal *self,
                                  GError **error,
                                  gboolean writing,
                                  GError *inner);

/* -- writing */

typedef struct _StreamerJournalWrite StreamerJournalWrite;

/* Within a transaction. Returns: FALSE where the database fails. */
typedef gboolean (*StreamerJournalRun) (StreamerJournal *self,
                                        StreamerJournalWrite *write,
                                        GError **error);

struct _StreamerJournalWrite
{
  StreamerJournalRun run;
  gboolean is_hint; /* may be lost to a power cut */
  gboolean waits;   /* somebody does, who owns it */

  gint64 number;
  char *id;                      /* (owned) (nullable) */
  char *text;                    /* (owned) (nullable) */
  char *value;                   /* (owned) (nullable) */
  StreamerJournalEntry *entry;   /* (owned) (nullable) */
  StreamerJournalUpload *upload; /* (owned) (nullable) */
  StreamerStoredPart part;
  GArray *numbers; /* (owned) (nullable) */
  int state;
  int error_code;

  GError *refusal;     /* (owned) (nullable): by @run, which changed nothing */
  GError *error;       /* (owned) (nullable): it is not committed */
  gboolean is_settled; /* the journal's lock */
};

StreamerJournalWrite *streamer_journal_write_new (StreamerJournalRun run);
void streamer_journal_write_free (StreamerJournalWrite *write);

void streamer_journal_weak_release (gpointer weak);
void streamer_journal_writer_start (StreamerJournal *self);
/** Writes what is queued, if it can be. */
void streamer_journal_writer_stop (StreamerJournal *self);
/** @write: (transfer full) */
void streamer_journal_writer_queue (StreamerJournal *self, StreamerJournalWrite *write);
/** @write: kept by the caller. Returns: FALSE where it was refused or is not committed */
gboolean
streamer_journal_writer_wait (StreamerJournal *self, StreamerJournalWrite *write, GError **error);
/** A reader has met damage. */
void streamer_journal_writer_tell_damage (StreamerJournal *self);

#define STREAMER_JOURNAL_RUN(...)                                                                  \
  streamer_database_run (self->database,                                                           \
                         streamer_database_prepare (self->database, error, __VA_ARGS__), error)

/**
 * streamer_journal_take_session:
 * @statement: (nullable) (transfer full): selects the session of one row; NULL with @error set
 * @session: (out): of the row, if there is one
 */
gboolean streamer_journal_take_session (StreamerJournal *self,
                                        sqlite3_stmt *statement,
                                        gboolean *has_row,
                                        gint64 *session,
                                        GError **error);
/** Refuses @write, since @session, another one, works on what it is about. */
void streamer_journal_refuse_others (StreamerJournalWrite *write, gint64 session);
/**
 * streamer_journal_may_write:
 * @may: (out): whether the entry is no other session's; what is over is nobody's. Where it is,
 *   @write is refused
 */
gboolean streamer_journal_may_write (StreamerJournal *self,
                                     StreamerJournalWrite *write,
                                     const char *id,
                                     gboolean *may,
                                     GError **error);
/** Writes @entry; for the calls that do more. */
gboolean
streamer_journal_run_put (StreamerJournal *self, const StreamerJournalEntry *entry, GError **error);

G_END_DECLS
