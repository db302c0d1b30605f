/* streamer-preferences.c: the settings of uploads, and where they go
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-preferences.h"

#include <glib/gi18n-lib.h>

#include "streamer-accessible.h"
#include "streamer-bucket-page.h"
#include "streamer-key.h"
#include "streamer-plan.h"
#include "streamer-row-note.h"
#include "streamer-saved-connection.h"
#include "streamer-server-page.h"
#include "streamer-settings.h"

struct _StreamerPreferences
{
  AdwPreferencesWindow parent_instance;

  AdwPreferencesPage *upload_page;
  AdwComboRow *connection_row;
  StreamerRowNote *connection_note;
  GtkWidget *connect_row;
  GtkWidget *connect_bucket_row;
  GtkWidget *target_folder_row;
  StreamerRowNote *target_folder_note;
  GtkWidget *overwrite_switch;
  GtkWidget *sha256_switch;
  GtkAdjustment *parts_adjustment;
  GtkAdjustment *part_size_adjustment;
  AdwActionRow *tmp_row;
  GtkWidget *tmp_reset_button;
  StreamerServerPage *server_page;
  StreamerBucketPage *bucket_page;

  GSettings *settings;           /* (owned) */
  GSettings *server_settings;    /* (owned) */
  GSettings *bucket_settings;    /* (owned) */
  GPtrArray *connection_ids;     /* (owned) (element-type utf8): as in connection_row */
  GtkFileChooserNative *chooser; /* (owned) (nullable): while it is shown */
  gboolean filling;              /* connection_row is being filled: nobody chose anything */
};

G_DEFINE_FINAL_TYPE (StreamerPreferences, streamer_preferences, ADW_TYPE_PREFERENCES_WINDOW)

static gboolean
is_bucket (const char *id)
{
  g_autoptr (GSettings) settings = streamer_settings_new_for_connection (id, NULL);
  g_autofree char *kind =
      settings != NULL ? g_settings_get_string (settings, STREAMER_SETTING_KIND) : NULL;

  return g_strcmp0 (kind, STREAMER_KIND_S3) == 0;
}

static char *
get_connection_name (StreamerPreferences *self, const char *id)
{
  g_autoptr (GSettings) settings = NULL;
  g_autofree char *name = NULL;

  if (g_str_equal (id, STREAMER_CONNECTION_ID_THIS_COMPUTER))
    return g_strdup (_ ("This Computer"));

  settings = streamer_settings_new_for_connection (id, NULL);
  name = settings != NULL ? g_settings_get_string (settings, STREAMER_SETTING_NAME) : g_strdup ("");
  if (*name != '\0')
    return g_steal_pointer (&name);

  return g_strdup (is_bucket (id) ? _ ("My Bucket") : _ ("My Server"));
}

static void
show_connection_sentence (StreamerPreferences *self)
{
  guint selected = adw_combo_row_get_selected (self->connection_row);
  const char *id;
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;

  if (selected >= self->connection_ids->len)
    return;

  id = self->connection_ids->pdata[selected];
  name = get_connection_name (self, id);
  if (selected == 0)
    text = g_strdup (_ ("Files are copied into your own folder, and the links work on this "
                        "computer only."));
  else if (is_bucket (id))
    /* Translators: %s is the name of a bucket. */
    text = g_strdup_printf (_ ("Files go straight into “%s”, with S3 keys of your own."), name);
  else
    /* Translators: %s is the name of a server. */
    text =
        g_strdup_printf (_ ("Files go to “%s”, and the links are the ones that it gives."), name);
  streamer_row_note_set (self->connection_note, STREAMER_NOTE_PLAIN, text);
}

static void
select_current_connection (StreamerPreferences *self)
{
  g_autofree char *current = g_settings_get_string (self->settings, STREAMER_SETTING_CONNECTION);
  guint selected = 0;

  for (guint i = 0; i < self->connection_ids->len; i++)
    {
      if (g_str_equal (self->connection_ids->pdata[i], current))
        selected = i;
    }

  adw_combo_row_set_selected (self->connection_row, selected);
  show_connection_sentence (self);
}

static void
fill_connections (StreamerPreferences *self)
{
  g_auto (GStrv) ids = g_settings_get_strv (self->settings, STREAMER_SETTING_CONNECTIONS);
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  g_ptr_array_set_size (self->connection_ids, 0);
  g_ptr_array_add (self->connection_ids, g_strdup (STREAMER_CONNECTION_ID_THIS_COMPUTER));
  for (guint i = 0; ids[i] != NULL; i++)
    {
      if (!g_str_equal (ids[i], STREAMER_CONNECTION_ID_THIS_COMPUTER))
        g_ptr_array_add (self->connection_ids, g_strdup (ids[i]));
    }
  for (guint i = 0; i < self->connection_ids->len; i++)
    gtk_string_list_take (names, get_connection_name (self, self->connection_ids->pdata[i]));

  self->filling = TRUE;
  adw_combo_row_set_model (self->connection_row, G_LIST_MODEL (names));
  self->filling = FALSE;
  select_current_connection (self);
  gtk_widget_set_visible (self->connect_row,
                          !g_strv_contains ((const char *const *) ids, STREAMER_SERVER_ID));
  gtk_widget_set_visible (self->connect_bucket_row,
                          !g_strv_contains ((const char *const *) ids, STREAMER_BUCKET_ID));
}

static void
on_connection_selected (StreamerPreferences *self)
{
  guint selected = adw_combo_row_get_selected (self->connection_row);
  g_autofree char *current = NULL;

  if (self->filling || self->settings == NULL || selected >= self->connection_ids->len)
    return;

  current = g_settings_get_string (self->settings, STREAMER_SETTING_CONNECTION);
  if (!g_str_equal (self->connection_ids->pdata[selected], current))
    g_settings_set_string (self->settings, STREAMER_SETTING_CONNECTION,
                           self->connection_ids->pdata[selected]);
}

/* Returns: (transfer full) (nullable): the folder that was typed, NULL where it cannot be one */
static char *
check_target_folder (StreamerPreferences *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->target_folder_row));
  g_autofree char *given = g_strstrip (g_strdup (text));
  g_autofree char *folder = NULL;
  g_autoptr (GError) error = NULL;

  /* The root is written with or without its slash, and is no key. */
  if (strspn (given, "/") == strlen (given))
    folder = g_strdup ("");
  else
    folder = streamer_key_canonicalize (given, -1, &error);
  streamer_row_note_set (self->target_folder_note, STREAMER_NOTE_ERROR,
                         error != NULL ? error->message : NULL);

  return g_steal_pointer (&folder);
}

static void
on_target_folder_changed (StreamerPreferences *self)
{
  g_free (check_target_folder (self));
}

/* Not at each key: a name that is replaced is empty in between, and half of it is another folder. */
static void
commit_target_folder (StreamerPreferences *self)
{
  g_autofree char *folder = check_target_folder (self);
  g_autofree char *saved = NULL;

  if (folder == NULL || self->settings == NULL)
    return;

  saved = g_settings_get_string (self->settings, STREAMER_SETTING_TARGET_FOLDER);
  if (!g_str_equal (saved, folder))
    g_settings_set_string (self->settings, STREAMER_SETTING_TARGET_FOLDER, folder);
}

static void
show_tmp (StreamerPreferences *self)
{
  g_autofree char *folder = g_settings_get_string (self->settings, STREAMER_SETTING_TMP);
  g_autofree char *name = g_filename_display_name (*folder != '\0' ? folder : "/tmp");
  g_autofree char *text = NULL;

  /* Translators: %s is a folder. */
  text = g_strdup_printf (_ ("%s keeps what cannot be read twice until it is uploaded."), name);
  adw_action_row_set_subtitle (self->tmp_row, text);
  gtk_widget_set_visible (self->tmp_reset_button, *folder != '\0');
}

static void
on_tmp_reset (StreamerPreferences *self)
{
  g_settings_reset (self->settings, STREAMER_SETTING_TMP);
}

static void
on_tmp_chosen (StreamerPreferences *self, int response)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) folder = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser));
      const char *path = g_file_peek_path (folder);

      if (path != NULL && g_utf8_validate (path, -1, NULL))
        g_settings_set_string (self->settings, STREAMER_SETTING_TMP, path);
      else
        adw_preferences_window_add_toast (ADW_PREFERENCES_WINDOW (self),
                                          adw_toast_new (_ ("This folder cannot be used.")));
    }
  g_clear_object (&self->chooser);
}

static void
on_tmp_choose (StreamerPreferences *self)
{
  if (self->chooser != NULL)
    return;

  self->chooser = gtk_file_chooser_native_new (_ ("Choose Temporary Folder"), GTK_WINDOW (self),
                                               GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
                                               /* Translators: takes the folder that is shown. */
                                               _ ("Choose"), _ ("Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (on_tmp_chosen), self,
                           G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
on_connected (StreamerPreferences *self, const char *name)
{
  g_autofree char *text = NULL;
  g_autofree char *escaped = g_markup_escape_text (name, -1);

  /* Translators: %s is the name of a server or a bucket. */
  text = g_strdup_printf (_ ("New uploads go to “%s”"), escaped);
  adw_preferences_window_add_toast (ADW_PREFERENCES_WINDOW (self), adw_toast_new (text));
}

static gboolean
streamer_preferences_close_request (GtkWindow *window)
{
  StreamerPreferences *self = STREAMER_PREFERENCES (window);

  commit_target_folder (self);
  streamer_server_page_commit (self->server_page);
  streamer_bucket_page_commit (self->bucket_page);

  return GTK_WINDOW_CLASS (streamer_preferences_parent_class)->close_request (window);
}

static void
streamer_preferences_dispose (GObject *object)
{
  StreamerPreferences *self = STREAMER_PREFERENCES (object);

  g_clear_object (&self->chooser);
  g_clear_object (&self->settings);
  g_clear_object (&self->server_settings);
  g_clear_object (&self->bucket_settings);

  G_OBJECT_CLASS (streamer_preferences_parent_class)->dispose (object);
}

static void
streamer_preferences_finalize (GObject *object)
{
  g_ptr_array_unref (STREAMER_PREFERENCES (object)->connection_ids);

  G_OBJECT_CLASS (streamer_preferences_parent_class)->finalize (object);
}

static void
streamer_preferences_class_init (StreamerPreferencesClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = streamer_preferences_dispose;
  object_class->finalize = streamer_preferences_finalize;
  GTK_WINDOW_CLASS (klass)->close_request = streamer_preferences_close_request;

  g_type_ensure (STREAMER_TYPE_BUCKET_PAGE);
  g_type_ensure (STREAMER_TYPE_ROW_NOTE);
  g_type_ensure (STREAMER_TYPE_SERVER_PAGE);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/s3streamer/S3Streamer/streamer-preferences.ui");
  gtk_widget_class_bind_template_child (widget_class, StreamerPreferences, upload_page);
  gtk_widget_class_bind_template_child (widget_class, StreamerPreferences, connection_row);
  gtk_widget_class_bind_template_child (widget_class, StreamerPreferences, connection_note);
  gtk_widget_class_bind_template_child (widget_class, StreamerPreferences, connect_row);
  gtk_widget_class_bind_template_child (widget_class, StreamerPreferences, connect_bucket_row);
  gtk_widget_class_bind_template_child (widget_class, StreamerPreferences, target_folder_row);
  gtk_widget_class_bind_template_child (widget_class, StreamerPreferences, target_folder_note);
  gtk_widget_class_bind_template_child (widget_class, StreamerPreferences, overwrite_switch);
  gtk_widget_class_bind_template_child (widget_class, StreamerPreferences, sha256_switch);
  gtk_widget_class_bind_template_child (widget_class, StreamerPreferences, parts_adjustment);
  gtk_widget_class_bind_template_child (widget_class, StreamerPreferences, part_size_adjustment);
  gtk_widget_class_bind_template_child (widget_class, StreamerPreferences, tmp_row);
  gtk_widget_class_bind_template_child (widget_class, StreamerPreferences, tmp_reset_button);
  gtk_widget_class_bind_template_child (widget_class, StreamerPreferences, server_page);
  gtk_widget_class_bind_template_child (widget_class, StreamerPreferences, bucket_page);
  gtk_widget_class_bind_template_callback (widget_class, on_connection_selected);
  gtk_widget_class_bind_template_callback (widget_class, on_target_folder_changed);
  gtk_widget_class_bind_template_callback (widget_class, commit_target_folder);
  gtk_widget_class_bind_template_callback (widget_class, on_tmp_choose);
  gtk_widget_class_bind_template_callback (widget_class, on_tmp_reset);
  gtk_widget_class_bind_template_callback (widget_class, on_connected);
  gtk_widget_class_bind_template_callback (widget_class, streamer_preferences_show_server);
  gtk_widget_class_bind_template_callback (widget_class, streamer_preferences_show_bucket);
}

static void
streamer_preferences_init (StreamerPreferences *self)
{
  self->connection_ids = g_ptr_array_new_with_free_func (g_free);

  gtk_widget_init_template (GTK_WIDGET (self));
  streamer_accessible_name_buttons (GTK_WIDGET (self));

  gtk_adjustment_set_lower (self->parts_adjustment, STREAMER_PARTS_MIN);
  gtk_adjustment_set_upper (self->parts_adjustment, STREAMER_PARTS_MAX);
  gtk_adjustment_set_lower (self->part_size_adjustment, STREAMER_PART_SIZE_MIN_MIB);
  gtk_adjustment_set_upper (self->part_size_adjustment, STREAMER_PART_SIZE_MAX_MIB);
}

static void
bind_settings (StreamerPreferences *self)
{
  g_autofree char *folder = NULL;

  folder = g_settings_get_string (self->settings, STREAMER_SETTING_TARGET_FOLDER);
  gtk_editable_set_text (GTK_EDITABLE (self->target_folder_row), folder);

  g_settings_bind (self->settings, STREAMER_SETTING_OVERWRITE, self->overwrite_switch, "active",
                   G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (self->settings, STREAMER_SETTING_SHA256, self->sha256_switch, "active",
                   G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (self->settings, STREAMER_SETTING_PARTS, self->parts_adjustment, "value",
                   G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (self->settings, STREAMER_SETTING_PART_SIZE, self->part_size_adjustment, "value",
                   G_SETTINGS_BIND_DEFAULT);

  g_signal_connect_object (self->settings, "changed::" STREAMER_SETTING_TMP, G_CALLBACK (show_tmp),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->settings, "changed::" STREAMER_SETTING_CONNECTION,
                           G_CALLBACK (select_current_connection), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->settings, "changed::" STREAMER_SETTING_CONNECTIONS,
                           G_CALLBACK (fill_connections), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->server_settings, "changed::" STREAMER_SETTING_NAME,
                           G_CALLBACK (fill_connections), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->bucket_settings, "changed::" STREAMER_SETTING_NAME,
                           G_CALLBACK (fill_connections), self, G_CONNECT_SWAPPED);
  show_tmp (self);
  fill_connections (self);
}

GtkWindow *
streamer_preferences_new (GSettings *settings, StreamerSecrets *secrets)
{
  StreamerPreferences *self;
  g_autoptr (GSettings) server_settings = NULL;
  g_autoptr (GSettings) bucket_settings = NULL;

  g_return_val_if_fail (G_IS_SETTINGS (settings), NULL);
  g_return_val_if_fail (STREAMER_IS_SECRETS (secrets), NULL);

  /* They are installed together with the schema of @settings. */
  server_settings = streamer_settings_new_for_connection (STREAMER_SERVER_ID, NULL);
  bucket_settings = streamer_settings_new_for_connection (STREAMER_BUCKET_ID, NULL);
  g_return_val_if_fail (server_settings != NULL && bucket_settings != NULL, NULL);

  self = g_object_new (STREAMER_TYPE_PREFERENCES, NULL);
  self->settings = g_object_ref (settings);
  self->server_settings = g_object_ref (server_settings);
  self->bucket_settings = g_object_ref (bucket_settings);
  bind_settings (self);
  streamer_server_page_set_up (self->server_page, settings, server_settings, secrets);
  streamer_bucket_page_set_up (self->bucket_page, settings, bucket_settings, secrets);

  return GTK_WINDOW (self);
}

void
streamer_preferences_show_server (StreamerPreferences *self)
{
  g_return_if_fail (STREAMER_IS_PREFERENCES (self));

  adw_preferences_window_set_visible_page (ADW_PREFERENCES_WINDOW (self),
                                           ADW_PREFERENCES_PAGE (self->server_page));
  streamer_server_page_focus_request_url (self->server_page);
}

void
streamer_preferences_show_bucket (StreamerPreferences *self)
{
  g_return_if_fail (STREAMER_IS_PREFERENCES (self));

  adw_preferences_window_set_visible_page (ADW_PREFERENCES_WINDOW (self),
                                           ADW_PREFERENCES_PAGE (self->bucket_page));
  streamer_bucket_page_focus_bucket (self->bucket_page);
}
