/* streamer-unfinished-group.c: what one store has and nobody goes on with
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-unfinished-group.h"

#include <glib/gi18n-lib.h>

#include "streamer-accessible.h"
#include "streamer-quiet.h"

struct _StreamerUnfinishedGroup
{
  AdwPreferencesGroup parent_instance;

  StreamerQueue *queue;           /* (owned) */
  StreamerConnection *connection; /* (owned) */
  GCancellable *cancellable;      /* (owned): ends with the widget */
  GPtrArray *rows;                /* (owned) (element-type GtkWidget) (borrowed) */
};

G_DEFINE_FINAL_TYPE (StreamerUnfinishedGroup, streamer_unfinished_group, ADW_TYPE_PREFERENCES_GROUP)

static void load (StreamerUnfinishedGroup *self);

static GtkWidget *
add_row (StreamerUnfinishedGroup *self, const char *title, const char *subtitle)
{
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 0);
  if (subtitle != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self), row);
  g_ptr_array_add (self->rows, row);

  return row;
}

static void
clear (StreamerUnfinishedGroup *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (ADW_PREFERENCES_GROUP (self), g_ptr_array_index (self->rows, i));
  g_ptr_array_set_size (self->rows, 0);
}

static void
say (StreamerUnfinishedGroup *self, const char *sentence)
{
  clear (self);
  add_row (self, sentence, NULL);
  streamer_quiet_containers (GTK_WIDGET (self));
}

/* Returns: (transfer full) */
static char *
describe_age (gint64 began_at)
{
  gint64 seconds = (g_get_real_time () - began_at) / G_USEC_PER_SEC;
  guint n;

  if (seconds < 3600)
    {
      n = (guint) MAX (seconds / 60, 1);
      return g_strdup_printf (ngettext ("%u minute ago", "%u minutes ago", n), n);
    }
  if (seconds < 48 * 3600)
    {
      n = (guint) (seconds / 3600);
      return g_strdup_printf (ngettext ("%u hour ago", "%u hours ago", n), n);
    }
  n = (guint) MIN (seconds / 86400, G_MAXUINT);
  return g_strdup_printf (ngettext ("%u day ago", "%u days ago", n), n);
}

/* Returns: (transfer full) */
static char *
describe (const StreamerLeftover *leftover)
{
  g_autofree char *size = g_format_size (leftover->size);
  g_autofree char *age = describe_age (leftover->began_at);

  if (leftover->record > 0)
    /* Translators: an amount of bytes, and "3 days ago" */
    return g_strdup_printf (_ ("%s, begun %s by this program"), size, age);

  /* Translators: an amount of bytes, and "3 days ago" */
  return g_strdup_printf (_ ("%s, begun %s by someone else, or another program"), size, age);
}

typedef struct
{
  StreamerUnfinishedGroup *group; /* (owned) */
  StreamerLeftover *leftover;     /* (owned) */
} Choice;

static void
choice_free (gpointer data, GClosure *closure)
{
  Choice *choice = data;

  g_object_unref (choice->group);
  streamer_leftover_free (choice->leftover);
  g_free (choice);
}

static Choice *
choice_new (StreamerUnfinishedGroup *self, const StreamerLeftover *leftover)
{
  Choice *choice = g_new0 (Choice, 1);

  choice->group = g_object_ref (self);
  choice->leftover = streamer_leftover_copy (leftover);

  return choice;
}

/* Returns: (transfer none) (nullable) */
static StreamerTransfer *
find_transfer (StreamerUnfinishedGroup *self, const char *id)
{
  GListModel *model = G_LIST_MODEL (self->queue);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (StreamerTransfer) transfer = g_list_model_get_item (model, i);

      if (g_str_equal (streamer_transfer_get_id (transfer), id))
        return transfer;
    }

  return NULL;
}

static void
resume_cb (GtkButton *button, Choice *choice)
{
  StreamerUnfinishedGroup *self = choice->group;
  StreamerTransfer *transfer = find_transfer (self, choice->leftover->transfer_id);

  if (transfer != NULL)
    streamer_transfer_resume (transfer);
  load (self);
}

static void
aborted_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (StreamerUnfinishedGroup) self = user_data;
  g_autoptr (GError) error = NULL;

  if (streamer_janitor_abort_finish (STREAMER_JANITOR (object), result, &error))
    {
      if (!g_cancellable_is_cancelled (self->cancellable))
        load (self);
    }
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      say (self, error->message);
    }
}

static void
response_cb (AdwMessageDialog *dialog, const char *response, Choice *choice)
{
  StreamerUnfinishedGroup *self = choice->group;

  if (!g_str_equal (response, "abort"))
    return;

  /* An abort that was begun is not given up with the window. */
  streamer_janitor_abort_async (streamer_queue_get_janitor (self->queue), choice->leftover, NULL,
                                aborted_cb, g_object_ref (self));
  say (self, _ ("Aborting…"));
}

static void
abort_cb (GtkButton *button, Choice *choice)
{
  GtkWindow *parent = GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (button)));
  g_autofree char *size = g_format_size (choice->leftover->size);
  g_autofree char *body = NULL;
  GtkWidget *dialog;

  /* Translators: an amount of bytes, then what the upload is called on the server */
  body =
      g_strdup_printf (_ ("%s of “%s” are removed from the server. Whoever sends it has to begin "
                          "again."),
                       size, choice->leftover->key);
  dialog = adw_message_dialog_new (parent, _ ("Abort the Upload?"), body);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "keep", _ ("_Keep It"), "abort",
                                    _ ("_Abort Upload"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "abort",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "keep");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "keep");
  g_signal_connect_data (dialog, "response", G_CALLBACK (response_cb),
                         choice_new (choice->group, choice->leftover), choice_free, 0);
  streamer_accessible_name_buttons (dialog);
  streamer_quiet_containers (dialog);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
add_button (StreamerUnfinishedGroup *self,
            GtkWidget *row,
            const char *label,
            const StreamerLeftover *leftover,
            GCallback callback)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);
  g_autofree char *plain = g_strdup (label);
  g_autofree char *name = NULL;

  for (char *c = plain; (c = strchr (c, '_'));)
    memmove (c, c + 1, strlen (c));
  /* Translators: for screen readers: what a button does, and to which upload */
  name = g_strdup_printf (_ ("%s: %s"), plain, leftover->key);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_signal_connect_data (button, "clicked", callback, choice_new (self, leftover), choice_free, 0);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
}

static void
add_leftover (StreamerUnfinishedGroup *self, const StreamerLeftover *leftover)
{
  g_autofree char *subtitle = describe (leftover);
  GtkWidget *row = add_row (self, leftover->key, subtitle);
  StreamerTransfer *transfer =
      leftover->transfer_id != NULL ? find_transfer (self, leftover->transfer_id) : NULL;

  if (transfer != NULL && streamer_transfer_can_resume (transfer))
    add_button (self, row, _ ("_Resume"), leftover, G_CALLBACK (resume_cb));
  add_button (self, row, _ ("_Abort…"), leftover, G_CALLBACK (abort_cb));
}

static void
listed_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (StreamerUnfinishedGroup) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) leftovers =
      streamer_janitor_list_finish (STREAMER_JANITOR (object), result, &error);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;

  if (leftovers == NULL)
    {
      say (self, error->message);
      return;
    }
  if (leftovers->len == 0)
    {
      say (self, _ ("There are none."));
      return;
    }

  clear (self);
  for (guint i = 0; i < leftovers->len; i++)
    add_leftover (self, g_ptr_array_index (leftovers, i));
  streamer_quiet_containers (GTK_WIDGET (self));
}

static void
load (StreamerUnfinishedGroup *self)
{
  say (self, _ ("Asking the server…"));
  streamer_janitor_list_async (streamer_queue_get_janitor (self->queue), self->connection,
                               self->cancellable, listed_cb, g_object_ref (self));
}

static void
streamer_unfinished_group_dispose (GObject *object)
{
  StreamerUnfinishedGroup *self = STREAMER_UNFINISHED_GROUP (object);

  g_cancellable_cancel (self->cancellable);

  G_OBJECT_CLASS (streamer_unfinished_group_parent_class)->dispose (object);
}

static void
streamer_unfinished_group_finalize (GObject *object)
{
  StreamerUnfinishedGroup *self = STREAMER_UNFINISHED_GROUP (object);

  g_ptr_array_unref (self->rows);
  g_object_unref (self->cancellable);
  g_object_unref (self->connection);
  g_object_unref (self->queue);

  G_OBJECT_CLASS (streamer_unfinished_group_parent_class)->finalize (object);
}

static void
streamer_unfinished_group_class_init (StreamerUnfinishedGroupClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = streamer_unfinished_group_dispose;
  object_class->finalize = streamer_unfinished_group_finalize;
}

static void
streamer_unfinished_group_init (StreamerUnfinishedGroup *self)
{
  self->cancellable = g_cancellable_new ();
  self->rows = g_ptr_array_new ();
}

GtkWidget *
streamer_unfinished_group_new (StreamerQueue *queue, StreamerConnection *connection)
{
  StreamerUnfinishedGroup *self = g_object_new (STREAMER_TYPE_UNFINISHED_GROUP, NULL);
  g_autofree char *title = NULL;

  g_return_val_if_fail (STREAMER_IS_CONNECTION (connection), NULL);

  /* The title of a group is markup. */
  title = g_markup_escape_text (streamer_connection_get_name (connection), -1);
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (self), title);
  self->queue = g_object_ref (queue);
  self->connection = g_object_ref (connection);
  load (self);

  return GTK_WIDGET (self);
}
