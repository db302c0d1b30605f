/* streamer-journal-database.c: opening the journal's database, and setting a damaged one aside
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two connections: the writer's own, and one for all who read, under a lock. Nobody but a session
 * that is alone moves the file: whoever had it open would go on writing to what is set aside.
 */

#include "streamer-journal-private.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "streamer-error.h"
#include "streamer-key.h"

/* What streamer_journal_take_error() adds says the rest. */
static const StreamerDatabaseWords words = { .full = "disk full", .failed = "SQLite" };

static const char settings[] = "PRAGMA journal_mode = WAL;"
                               "PRAGMA synchronous = FULL;"
                               "PRAGMA journal_size_limit = 4194304;"
                               "PRAGMA wal_autocheckpoint = 0;";

static void
set_named_error (StreamerJournal *self, GError **error, const char *sentence, const char *detail)
{
  g_autofree char *name = streamer_key_display_name (self->path);

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
  g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_FAILED, sentence, name, detail);
#pragma GCC diagnostic pop
}

void
streamer_journal_take_error (StreamerJournal *self, GError **error, gboolean writing, GError *inner)
{
  g_autoptr (GError) owned = inner;

  if (g_error_matches (inner, STREAMER_ERROR, STREAMER_ERROR_NO_SPACE))
    {
      g_autofree char *name = streamer_key_display_name (self->path);

      g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_NO_SPACE,
                   /* Translators: %s is a file name */
                   _ ("The journal of uploads, “%s”, cannot be written: its disk is full."
                      " Free some space there."),
                   name);
    }
  else if (writing)
    set_named_error (self, error,
                     /* Translators: a file name, and a technical detail that is not translated */
                     _ ("The journal of uploads, “%s”, cannot be written (%s). Check that its disk"
                        " works, and that you may write there."),
                     inner->message);
  else
    set_named_error (self, error,
                     /* Translators: a file name, and a technical detail that is not translated */
                     _ ("The journal of uploads, “%s”, cannot be read (%s). Check that its disk"
                        " works, and that you may read there."),
                     inner->message);
}

static int
on_commit (void *user_data, sqlite3 *connection, const char *name, int pages)
{
  StreamerJournal *self = user_data;

  self->pages = pages;
  return SQLITE_OK;
}

/* Also where the file is of no use, so that it can be closed with care. */
static StreamerJournalFile
open_one (StreamerJournal *self, StreamerDatabase **database, GError **error)
{
  sqlite3 *connection;

  *database = streamer_database_open (self->path, &words, error);
  if (*database == NULL)
    return STREAMER_JOURNAL_FILE_FAILED;
  connection = streamer_database_get_connection (*database);
  if (sqlite3_db_readonly (connection, "main") == 1)
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_FAILED, "read-only");
      return STREAMER_JOURNAL_FILE_FAILED;
    }
  if (!streamer_database_execute (*database, settings, error))
    return streamer_journal_is_damage (streamer_database_get_code (*database))
               ? STREAMER_JOURNAL_FILE_DAMAGED
               : STREAMER_JOURNAL_FILE_FAILED;
  return STREAMER_JOURNAL_FILE_GOOD;
}

static void
close_damaged (StreamerDatabase **database)
{
  if (*database != NULL)
    sqlite3_db_config (streamer_database_get_connection (*database),
                       SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
  g_clear_pointer (database, streamer_database_close);
}

void
streamer_journal_close_databases (StreamerJournal *self)
{
  g_mutex_lock (&self->read_lock);
  g_clear_pointer (&self->reader, streamer_database_close);
  g_mutex_unlock (&self->read_lock);
  g_clear_pointer (&self->database, streamer_database_close);
}

/* @number: from 1, where the first name is taken */
static char *
make_name (StreamerJournal *self, guint number)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format (now, "%Y%m%d-%H%M%S");

  if (number == 1)
    return g_strdup_printf ("%s.damaged-%s", self->path, time);
  return g_strdup_printf ("%s.damaged-%s-%u", self->path, time, number);
}

static gboolean
set_aside (StreamerJournal *self, GError **error)
{
  static const char *const others[] = { "-wal", "-shm" };
  char *name = NULL;
  guint number = 1;

  do
    {
      g_free (name);
      name = make_name (self, number++);
    }
  while (g_file_test (name, G_FILE_TEST_EXISTS | G_FILE_TEST_IS_SYMLINK));
  if (g_rename (self->path, name) != 0)
    {
      set_named_error (self, error,
                       /* Translators: a file name, and the system's words for what is wrong */
                       _ ("The journal of uploads, “%s”, is damaged and cannot be moved away (%s)."
                          " Check that you may write there."),
                       g_strerror (errno));
      g_free (name);
      return FALSE;
    }
  /* What is left of these after a kill is of no use to SQLite, which removes it. */
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autofree char *from = g_strconcat (self->path, others[i], NULL);
      g_autofree char *to = g_strconcat (name, others[i], NULL);

      g_rename (from, to);
    }
  g_warning ("A damaged journal is now %s", name);
  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->set_aside, name);
  g_mutex_unlock (&self->lock);
  return TRUE;
}

/* Within the session's door. */
static gboolean
replace (StreamerJournal *self, const char *detail, GError **error)
{
  if (!streamer_journal_session_is_alone (self->session))
    {
      set_named_error (self, error,
                       /* Translators: a file name, and a technical detail that is not translated */
                       _ ("The journal of uploads, “%s”, is damaged (%s). Close all other windows"
                          " and commands of this program, so that a new one can be begun."),
                       detail);
      return FALSE;
    }
  g_mutex_lock (&self->read_lock);
  close_damaged (&self->reader);
  g_mutex_unlock (&self->read_lock);
  close_damaged (&self->database);
  return set_aside (self, error);
}

static gboolean
open_writer (StreamerJournal *self, gboolean may_replace, GError **error)
{
  g_autoptr (GError) inner = NULL;
  StreamerJournalFile file;

  file = open_one (self, &self->database, &inner);
  if (file == STREAMER_JOURNAL_FILE_GOOD)
    file = streamer_journal_schema_prepare (self->database, &inner);
  switch (file)
    {
    case STREAMER_JOURNAL_FILE_GOOD:
      sqlite3_wal_hook (streamer_database_get_connection (self->database), on_commit, self);
      self->is_full_sync = TRUE;
      return TRUE;
    case STREAMER_JOURNAL_FILE_DAMAGED:
      if (may_replace)
        return replace (self, inner->message, error) && open_writer (self, FALSE, error);
      break;
    case STREAMER_JOURNAL_FILE_NEWER:
      set_named_error (self, error,
                       /* Translators: %s is a file name */
                       _ ("The journal of uploads, “%s”, was made by a newer version of this"
                          " program. Use that version, or move the file away."),
                       NULL);
      return FALSE;
    case STREAMER_JOURNAL_FILE_FAILED:
    default:
      break;
    }
  streamer_journal_take_error (self, error, TRUE, g_steal_pointer (&inner));
  return FALSE;
}

static gboolean
open_both (StreamerJournal *self, GError **error)
{
  g_autoptr (StreamerDatabase) reader = NULL;
  g_autoptr (GError) inner = NULL;

  if (!open_writer (self, TRUE, error))
    return FALSE;
  if (open_one (self, &reader, &inner) != STREAMER_JOURNAL_FILE_GOOD)
    {
      streamer_journal_take_error (self, error, FALSE, g_steal_pointer (&inner));
      return FALSE;
    }
  g_mutex_lock (&self->read_lock);
  self->reader = g_steal_pointer (&reader);
  g_mutex_unlock (&self->read_lock);
  return TRUE;
}

gboolean
streamer_journal_open_databases (StreamerJournal *self, GError **error)
{
  gboolean good;

  if (!streamer_journal_session_enter (self->session, error))
    return FALSE;
  good = open_both (self, error);
  if (!good)
    streamer_journal_close_databases (self);
  streamer_journal_session_leave (self->session);
  return good;
}

gboolean
streamer_journal_recover (StreamerJournal *self, GError **error)
{
  gboolean good;

  if (!streamer_journal_session_enter (self->session, error))
    return FALSE;
  good = replace (self, "SQLITE_CORRUPT", error) && open_both (self, error);
  if (!good && self->reader == NULL)
    streamer_journal_close_databases (self);
  streamer_journal_session_leave (self->session);
  return good;
}
