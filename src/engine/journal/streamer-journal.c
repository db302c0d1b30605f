/* streamer-journal.c: what must survive the program
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any thread calls; one of our own writes (streamer-journal-writer.c). The property's
 * notification goes to the context that was the opener's.
 */

#include "streamer-journal-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "streamer-error.h"
#include "streamer-key.h"

typedef enum
{
  PROP_ERROR = 1,
} StreamerJournalProperty;

static GParamSpec *properties[PROP_ERROR + 1];

G_DEFINE_FINAL_TYPE (StreamerJournal, streamer_journal, G_TYPE_OBJECT)

static void
streamer_journal_finalize (GObject *object)
{
  StreamerJournal *self = STREAMER_JOURNAL (object);

  streamer_journal_writer_stop (self);
  streamer_journal_close_databases (self);
  g_clear_pointer (&self->session, streamer_journal_session_free);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_clear_pointer (&self->weak, streamer_journal_weak_release);
  g_mutex_clear (&self->read_lock);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->queued);
  g_cond_clear (&self->settled);
  g_clear_error (&self->error);
  g_ptr_array_unref (self->set_aside);
  g_free (self->path);

  G_OBJECT_CLASS (streamer_journal_parent_class)->finalize (object);
}

static void
streamer_journal_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  StreamerJournal *self = STREAMER_JOURNAL (object);

  switch ((StreamerJournalProperty) id)
    {
    case PROP_ERROR:
      g_value_take_boxed (value, streamer_journal_dup_error (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
streamer_journal_class_init (StreamerJournalClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = streamer_journal_finalize;
  object_class->get_property = streamer_journal_get_property;

  properties[PROP_ERROR] =
      g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR,
                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
streamer_journal_init (StreamerJournal *self)
{
  self->context = g_main_context_ref_thread_default ();
  self->set_aside = g_ptr_array_new_with_free_func (g_free);
  self->weak = g_atomic_rc_box_new0 (GWeakRef);
  g_weak_ref_init (self->weak, self);
  g_mutex_init (&self->read_lock);
  g_mutex_init (&self->lock);
  g_cond_init (&self->queued);
  g_cond_init (&self->settled);
  g_queue_init (&self->queue);
}

static gboolean
make_folder (const char *folder, GError **error)
{
  g_autofree char *name = NULL;
  gboolean is_full;

  if (g_mkdir_with_parents (folder, 0700) == 0)
    return TRUE;
  is_full = errno == ENOSPC || errno == EDQUOT;
  name = streamer_key_display_name (folder);
  g_set_error (error, STREAMER_ERROR, is_full ? STREAMER_ERROR_NO_SPACE : STREAMER_ERROR_FAILED,
               /* Translators: a folder, and the system's words for what is wrong */
               _ ("“%s”, the folder of the journal of uploads, cannot be made: %s."
                  " Check that its disk works and has space, and that you may write there."),
               name, g_strerror (errno));
  return FALSE;
}

StreamerJournal *
streamer_journal_open (const char *folder, GError **error)
{
  g_autoptr (StreamerJournal) self = NULL;

  g_return_val_if_fail (folder != NULL, NULL);

  self = g_object_new (STREAMER_TYPE_JOURNAL, NULL);
  self->path = g_build_filename (folder, "journal.db", NULL);
  if (!make_folder (folder, error))
    return NULL;
  self->session = streamer_journal_session_new (folder, error);
  if (self->session == NULL || !streamer_journal_open_databases (self, error))
    return NULL;
  streamer_journal_writer_start (self);
  return g_steal_pointer (&self);
}

char *
streamer_journal_dup_default_folder (void)
{
  return g_build_filename (g_get_user_state_dir (), "s3streamer", NULL);
}

const char *
streamer_journal_get_set_aside (StreamerJournal *self)
{
  const char *path = NULL;

  g_return_val_if_fail (STREAMER_IS_JOURNAL (self), NULL);

  g_mutex_lock (&self->lock);
  if (self->set_aside->len > 0)
    path = self->set_aside->pdata[self->set_aside->len - 1];
  g_mutex_unlock (&self->lock);
  return path;
}

GError *
streamer_journal_dup_error (StreamerJournal *self)
{
  GError *error;

  g_return_val_if_fail (STREAMER_IS_JOURNAL (self), NULL);

  g_mutex_lock (&self->lock);
  error = self->error ? g_error_copy (self->error) : NULL;
  g_mutex_unlock (&self->lock);
  return error;
}
