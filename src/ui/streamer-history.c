/* streamer-history.c: transfers that survive the program
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Threads: the owner's; open_journal() runs on one of GTask's and sees only its task data. */

#include "streamer-history.h"

#include <glib/gi18n-lib.h>

#include "streamer-key.h"

#define CLEAN_SECONDS 3600

struct _StreamerHistory
{
  GObject parent_instance;

  StreamerQueue *queue; /* (owned) */
  StreamerConnect connect;
  gpointer connect_data;          /* (owned): until the queue has it */
  GDestroyNotify connect_destroy; /* (nullable) */
  StreamerJournal *journal;       /* (owned) (nullable) */
  GCancellable *cancellable;      /* (owned) */
  guint clean_id;
  gboolean ready;
  char *problem;   /* (owned) (nullable) */
  char *set_aside; /* (owned) (nullable) */
};

typedef enum
{
  PROP_READY = 1,
  PROP_PROBLEM,
  PROP_SET_ASIDE,
} StreamerHistoryProperty;

static GParamSpec *properties[PROP_SET_ASIDE + 1];

G_DEFINE_FINAL_TYPE (StreamerHistory, streamer_history, G_TYPE_OBJECT)

/* @problem: (transfer full) (nullable) */
static void
set_problem (StreamerHistory *self, char *problem)
{
  if (g_strcmp0 (self->problem, problem) == 0)
    {
      g_free (problem);
      return;
    }

  g_free (self->problem);
  self->problem = problem;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROBLEM]);
}

static void
set_ready (StreamerHistory *self)
{
  self->ready = TRUE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_READY]);
}

static void
cleaned_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (streamer_janitor_clean_finish (STREAMER_JANITOR (object), result, &error) < 0 &&
      !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_warning ("Unfinished uploads could not be looked for: %s", error->message);
}

static gboolean
clean_cb (gpointer user_data)
{
  StreamerHistory *self = user_data;

  streamer_janitor_clean_async (streamer_queue_get_janitor (self->queue), self->cancellable,
                                cleaned_cb, NULL);

  return G_SOURCE_CONTINUE;
}

static void
restored_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (StreamerHistory) self = user_data;
  g_autoptr (GError) error = NULL;

  streamer_queue_restore_finish (STREAMER_QUEUE (object), result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (error != NULL)
    g_warning ("Not everything could be brought back: %s", error->message);

  clean_cb (self);
  if (self->clean_id == 0)
    self->clean_id = g_timeout_add_seconds (CLEAN_SECONDS, clean_cb, self);
}

static void
notify_error_cb (StreamerHistory *self)
{
  g_autoptr (GError) error = streamer_journal_dup_error (self->journal);

  /* Translators: %s is a whole sentence on what went wrong */
  set_problem (self, error == NULL
                         ? NULL
                         : g_strdup_printf (_ ("%s Until then, what is new is forgotten when the "
                                               "program ends."),
                                            error->message));
}

static void
tell_set_aside (StreamerHistory *self)
{
  const char *path = streamer_journal_get_set_aside (self->journal);
  g_autofree char *shown = NULL;

  if (path == NULL)
    return;

  shown = streamer_key_display_name (path);
  /* Translators: %s is the path of a file */
  self->set_aside = g_strdup_printf (
      _ ("The list of earlier uploads was damaged. It was set aside as “%s”, and a new one begun."),
      shown);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SET_ASIDE]);
}

static void
opened_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  StreamerHistory *self = STREAMER_HISTORY (object);
  g_autoptr (GError) error = NULL;

  self->journal = g_task_propagate_pointer (G_TASK (result), &error);
  if (g_cancellable_is_cancelled (self->cancellable))
    return;

  if (self->journal == NULL)
    {
      /* Translators: %s is a whole sentence on what went wrong */
      set_problem (self, g_strdup_printf (_ ("%s Files can be uploaded all the same, but are "
                                             "forgotten when the program ends."),
                                          error->message));
      set_ready (self);
      return;
    }

  streamer_queue_set_journal (self->queue, self->journal, self->connect,
                              g_steal_pointer (&self->connect_data),
                              g_steal_pointer (&self->connect_destroy));
  g_signal_connect_object (self->journal, "notify::error", G_CALLBACK (notify_error_cb), self,
                           G_CONNECT_SWAPPED);
  notify_error_cb (self);
  tell_set_aside (self);
  streamer_queue_restore_async (self->queue, NULL,
                                STREAMER_RESTORE_UNFINISHED | STREAMER_RESTORE_HISTORY,
                                self->cancellable, restored_cb, g_object_ref (self));
  set_ready (self);
}

static void
open_journal (GTask *task, gpointer source_object, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  StreamerJournal *journal = streamer_journal_open (task_data, &error);

  if (journal != NULL)
    g_task_return_pointer (task, journal, g_object_unref);
  else
    g_task_return_error (task, error);
}

static void
streamer_history_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  StreamerHistory *self = STREAMER_HISTORY (object);

  switch ((StreamerHistoryProperty) id)
    {
    case PROP_READY:
      g_value_set_boolean (value, self->ready);
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, self->problem);
      break;
    case PROP_SET_ASIDE:
      g_value_set_string (value, self->set_aside);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
streamer_history_finalize (GObject *object)
{
  StreamerHistory *self = STREAMER_HISTORY (object);

  g_clear_handle_id (&self->clean_id, g_source_remove);
  if (self->connect_destroy != NULL)
    self->connect_destroy (self->connect_data);
  g_clear_object (&self->journal);
  g_object_unref (self->queue);
  g_object_unref (self->cancellable);
  g_free (self->problem);
  g_free (self->set_aside);

  G_OBJECT_CLASS (streamer_history_parent_class)->finalize (object);
}

static void
streamer_history_class_init (StreamerHistoryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = streamer_history_get_property;
  object_class->finalize = streamer_history_finalize;

  properties[PROP_READY] = g_param_spec_boolean ("ready", NULL, NULL, FALSE, flags);
  properties[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, NULL, flags);
  properties[PROP_SET_ASIDE] = g_param_spec_string ("set-aside", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
streamer_history_init (StreamerHistory *self)
{
  self->cancellable = g_cancellable_new ();
}

StreamerHistory *
streamer_history_new (StreamerQueue *queue,
                      const char *folder,
                      StreamerConnect connect,
                      gpointer user_data,
                      GDestroyNotify destroy)
{
  StreamerHistory *self = g_object_new (STREAMER_TYPE_HISTORY, NULL);
  g_autoptr (GTask) task = NULL;

  g_return_val_if_fail (STREAMER_IS_QUEUE (queue), NULL);

  self->queue = g_object_ref (queue);
  self->connect = connect;
  self->connect_data = user_data;
  self->connect_destroy = destroy;

  task = g_task_new (self, NULL, opened_cb, NULL);
  g_task_set_source_tag (task, streamer_history_new);
  g_task_set_task_data (
      task, folder != NULL ? g_strdup (folder) : streamer_journal_dup_default_folder (), g_free);
  g_task_run_in_thread (task, open_journal);

  return self;
}

gboolean
streamer_history_is_ready (StreamerHistory *self)
{
  g_return_val_if_fail (STREAMER_IS_HISTORY (self), FALSE);

  return self->ready;
}

const char *
streamer_history_get_problem (StreamerHistory *self)
{
  g_return_val_if_fail (STREAMER_IS_HISTORY (self), NULL);

  return self->problem;
}

const char *
streamer_history_get_set_aside (StreamerHistory *self)
{
  g_return_val_if_fail (STREAMER_IS_HISTORY (self), NULL);

  return self->set_aside;
}

void
streamer_history_forget_set_aside (StreamerHistory *self)
{
  g_return_if_fail (STREAMER_IS_HISTORY (self));

  g_clear_pointer (&self->set_aside, g_free);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SET_ASIDE]);
}

void
streamer_history_stop (StreamerHistory *self)
{
  g_return_if_fail (STREAMER_IS_HISTORY (self));

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->clean_id, g_source_remove);
}
