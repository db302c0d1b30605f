/* streamer-server-page.c: the page on which a server is connected and tried out
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The keyring and the server are only asked on other threads; a test of the connection has a
 * worker of its own, so that it neither waits for uploads nor holds them up.
 */

#include "streamer-server-page.h"

#include <glib/gi18n-lib.h>

#include "streamer-address.h"
#include "streamer-error.h"
#include "streamer-pool.h"
#include "streamer-secret-field.h"
#include "streamer-settings.h"

struct _StreamerServerPage
{
  AdwPreferencesPage parent_instance;

  GtkWidget *request_url_row;
  GtkWidget *name_row;
  GtkWidget *domain_row;
  GtkWidget *token_row;
  GtkWidget *api_key_row;
  GtkWidget *forget_token;
  GtkWidget *forget_api_key;
  GtkWidget *test_button;
  GtkWidget *result_box;
  GtkSpinner *result_spinner;
  GtkImage *result_icon;
  GtkLabel *result_label;
  StreamerRowNote *request_url_note;
  StreamerRowNote *domain_note;
  StreamerRowNote *token_note;
  StreamerRowNote *api_key_note;

  GSettings *settings;            /* (owned) */
  GSettings *connection_settings; /* (owned) */
  StreamerSecrets *secrets;       /* (owned) */
  StreamerSecretField *token;     /* (owned) */
  StreamerSecretField *api_key;   /* (owned) */

  StreamerPool *pool;        /* (owned) (nullable): from the first test on */
  GCancellable *cancellable; /* (owned) (nullable): while a test runs */
  gboolean test_wanted;      /* as soon as the secrets are stored */
};

enum
{
  CONNECTED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (StreamerServerPage, streamer_server_page, ADW_TYPE_PREFERENCES_PAGE)

static char *
get_text (GtkWidget *row)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (row))));
}

static StreamerAddressCheck
show_check (GtkWidget *row, StreamerRowNote *note, gboolean typing)
{
  g_autofree char *text = get_text (row);
  const char *sentence;
  StreamerAddressCheck check = streamer_address_check (text, &sentence);

  /* Half an address is no error yet. */
  if (check == STREAMER_ADDRESS_BAD && typing)
    sentence = NULL;
  streamer_row_note_set (
      note, check == STREAMER_ADDRESS_BAD ? STREAMER_NOTE_ERROR : STREAMER_NOTE_WARNING, sentence);

  return check;
}

static void
set_saved (StreamerServerPage *self, gboolean saved)
{
  g_auto (GStrv) ids = g_settings_get_strv (self->settings, STREAMER_SETTING_CONNECTIONS);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) changed = NULL;

  for (guint i = 0; ids[i] != NULL; i++)
    {
      if (!g_str_equal (ids[i], STREAMER_SERVER_ID))
        g_strv_builder_add (builder, ids[i]);
    }
  if (saved)
    g_strv_builder_add (builder, STREAMER_SERVER_ID);
  changed = g_strv_builder_end (builder);
  g_settings_set_strv (self->settings, STREAMER_SETTING_CONNECTIONS, (const char *const *) changed);
}

static gboolean
is_saved (StreamerServerPage *self)
{
  g_auto (GStrv) ids = g_settings_get_strv (self->settings, STREAMER_SETTING_CONNECTIONS);

  return g_strv_contains ((const char *const *) ids, STREAMER_SERVER_ID);
}

static void
set_setting (GSettings *settings, const char *key, const char *value)
{
  g_autofree char *old = g_settings_get_string (settings, key);

  if (!g_str_equal (old, value))
    g_settings_set_string (settings, key, value);
}

static void
take_away (StreamerServerPage *self)
{
  g_autofree char *current = g_settings_get_string (self->settings, STREAMER_SETTING_CONNECTION);

  set_setting (self->connection_settings, STREAMER_SETTING_REQUEST_URL, "");
  set_saved (self, FALSE);
  if (g_str_equal (current, STREAMER_SERVER_ID))
    g_settings_reset (self->settings, STREAMER_SETTING_CONNECTION);
}

static void
save (StreamerServerPage *self, const char *url)
{
  g_autofree char *name = get_text (self->name_row);

  set_setting (self->connection_settings, STREAMER_SETTING_REQUEST_URL, url);
  if (*name == '\0')
    {
      g_free (name);
      name = streamer_address_get_host (url);
      gtk_editable_set_text (GTK_EDITABLE (self->name_row), name);
    }
  if (is_saved (self))
    return;

  set_saved (self, TRUE);
  g_settings_set_string (self->settings, STREAMER_SETTING_CONNECTION, STREAMER_SERVER_ID);
  g_signal_emit (self, signals[CONNECTED], 0, name);
}

static void
commit_request_url (StreamerServerPage *self)
{
  g_autofree char *url = get_text (self->request_url_row);

  switch (show_check (self->request_url_row, self->request_url_note, FALSE))
    {
    case STREAMER_ADDRESS_EMPTY:
      if (is_saved (self))
        take_away (self);
      break;

    case STREAMER_ADDRESS_GOOD:
    case STREAMER_ADDRESS_OPEN:
      save (self, url);
      break;

    case STREAMER_ADDRESS_BAD:
    default:
      break;
    }
}

static void
show_domain_check (StreamerServerPage *self, gboolean typing)
{
  if (show_check (self->domain_row, self->domain_note, typing) == STREAMER_ADDRESS_EMPTY)
    streamer_row_note_set (self->domain_note, STREAMER_NOTE_PLAIN,
                           _ ("Where visitors download. Leave it empty for the address that the "
                              "server gives."));
  else if (streamer_row_note_get_kind (self->domain_note) == STREAMER_NOTE_WARNING)
    streamer_row_note_set (self->domain_note, STREAMER_NOTE_PLAIN, NULL);
}

static void
commit_domain (StreamerServerPage *self)
{
  g_autofree char *domain = get_text (self->domain_row);

  show_domain_check (self, FALSE);
  if (streamer_row_note_get_kind (self->domain_note) != STREAMER_NOTE_ERROR)
    set_setting (self->connection_settings, STREAMER_SETTING_DOMAIN, domain);
}

static void
on_request_url_changed (StreamerServerPage *self)
{
  show_check (self->request_url_row, self->request_url_note, TRUE);
  gtk_widget_set_visible (self->result_box, FALSE);
}

static void
on_domain_changed (StreamerServerPage *self)
{
  show_domain_check (self, TRUE);
}

static void
show_result (StreamerServerPage *self, const char *icon, const char *text)
{
  gboolean waiting = icon == NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->result_spinner), waiting);
  gtk_spinner_set_spinning (self->result_spinner, waiting);
  gtk_widget_set_visible (GTK_WIDGET (self->result_icon), !waiting);
  gtk_image_set_from_icon_name (self->result_icon, icon);
  gtk_label_set_text (self->result_label, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->result_box), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  text, -1);
  gtk_widget_set_visible (self->result_box, TRUE);
  gtk_widget_set_sensitive (self->test_button, !waiting);
}

static void
show_failure (StreamerServerPage *self, const GError *error)
{
  const char *advice = streamer_error_get_advice (error);
  g_autofree char *text =
      advice != NULL ? g_strconcat (error->message, "\n", advice, NULL) : g_strdup (error->message);

  show_result (self, "dialog-warning-symbolic", text);
}

/* Worker thread. */
static gpointer
ask_server (StreamerHttp *http, gpointer task_data, GCancellable *cancellable, GError **error)
{
  StreamerConnection *connection = task_data;
  g_autoptr (StreamerStore) store = NULL;
  g_autofree StreamerLimits *limits = g_new0 (StreamerLimits, 1);

  store = streamer_connection_open (connection, cancellable, error);
  if (store == NULL || !streamer_store_get_limits (store, http, limits, cancellable, error))
    return NULL;

  return g_steal_pointer (&limits);
}

static void
on_server_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (StreamerServerPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree StreamerLimits *limits = NULL;
  g_autofree char *most = NULL;
  g_autofree char *text = NULL;

  limits = streamer_pool_run_finish (STREAMER_POOL (source), result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  g_clear_object (&self->cancellable);
  if (limits == NULL)
    {
      show_failure (self, error);
      return;
    }

  most = g_format_size_full (limits->max_object_size, G_FORMAT_SIZE_IEC_UNITS);
  /* Translators: %s is a size, such as "5.0 TiB". */
  text = g_strdup_printf (_ ("It works. The server takes files of up to %s."), most);
  show_result (self, "emblem-ok-symbolic", text);
}

static void
start_test (StreamerServerPage *self)
{
  g_autoptr (StreamerConnection) connection = NULL;
  g_autoptr (GError) error = NULL;

  self->test_wanted = FALSE;
  connection =
      streamer_settings_open_connection (self->settings, STREAMER_SERVER_ID, self->secrets, &error);
  if (connection == NULL)
    {
      show_failure (self, error);
      return;
    }

  if (self->pool == NULL)
    self->pool = streamer_pool_new (1);
  self->cancellable = g_cancellable_new ();
  streamer_pool_run_async (self->pool, 0, ask_server, g_steal_pointer (&connection), g_object_unref,
                           g_free, self->cancellable, on_server_answered, g_object_ref (self));
}

static void
on_busy_changed (StreamerServerPage *self)
{
  if (self->test_wanted && !streamer_secret_field_get_busy (self->token) &&
      !streamer_secret_field_get_busy (self->api_key))
    start_test (self);
}

static void
on_test_clicked (StreamerServerPage *self)
{
  streamer_server_page_commit (self);
  if (streamer_row_note_get_kind (self->request_url_note) == STREAMER_NOTE_ERROR)
    {
      streamer_server_page_focus_request_url (self);
      return;
    }
  if (!is_saved (self))
    {
      streamer_row_note_set (self->request_url_note, STREAMER_NOTE_ERROR,
                             _ ("Enter the address to which the server wants requests sent."));
      streamer_server_page_focus_request_url (self);
      return;
    }

  show_result (self, NULL, _ ("Asking the server…"));
  self->test_wanted = TRUE;
  on_busy_changed (self);
}

static void
streamer_server_page_dispose (GObject *object)
{
  StreamerServerPage *self = STREAMER_SERVER_PAGE (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->pool);
  g_clear_object (&self->token);
  g_clear_object (&self->api_key);
  g_clear_object (&self->secrets);
  g_clear_object (&self->connection_settings);
  g_clear_object (&self->settings);

  G_OBJECT_CLASS (streamer_server_page_parent_class)->dispose (object);
}

static void
streamer_server_page_unmap (GtkWidget *widget)
{
  StreamerServerPage *self = STREAMER_SERVER_PAGE (widget);

  /* Nobody is left to read the answer. */
  self->test_wanted = FALSE;
  if (self->cancellable != NULL)
    {
      g_cancellable_cancel (self->cancellable);
      g_clear_object (&self->cancellable);
      gtk_widget_set_sensitive (self->test_button, TRUE);
      gtk_widget_set_visible (self->result_box, FALSE);
    }

  GTK_WIDGET_CLASS (streamer_server_page_parent_class)->unmap (widget);
}

static void
streamer_server_page_class_init (StreamerServerPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = streamer_server_page_dispose;
  widget_class->unmap = streamer_server_page_unmap;

  signals[CONNECTED] = g_signal_new ("connected", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                     NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  g_type_ensure (STREAMER_TYPE_ROW_NOTE);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/s3streamer/S3Streamer/streamer-server-page.ui");
  gtk_widget_class_bind_template_child (widget_class, StreamerServerPage, request_url_row);
  gtk_widget_class_bind_template_child (widget_class, StreamerServerPage, request_url_note);
  gtk_widget_class_bind_template_child (widget_class, StreamerServerPage, name_row);
  gtk_widget_class_bind_template_child (widget_class, StreamerServerPage, domain_row);
  gtk_widget_class_bind_template_child (widget_class, StreamerServerPage, domain_note);
  gtk_widget_class_bind_template_child (widget_class, StreamerServerPage, token_row);
  gtk_widget_class_bind_template_child (widget_class, StreamerServerPage, token_note);
  gtk_widget_class_bind_template_child (widget_class, StreamerServerPage, forget_token);
  gtk_widget_class_bind_template_child (widget_class, StreamerServerPage, api_key_row);
  gtk_widget_class_bind_template_child (widget_class, StreamerServerPage, api_key_note);
  gtk_widget_class_bind_template_child (widget_class, StreamerServerPage, forget_api_key);
  gtk_widget_class_bind_template_child (widget_class, StreamerServerPage, test_button);
  gtk_widget_class_bind_template_child (widget_class, StreamerServerPage, result_box);
  gtk_widget_class_bind_template_child (widget_class, StreamerServerPage, result_spinner);
  gtk_widget_class_bind_template_child (widget_class, StreamerServerPage, result_icon);
  gtk_widget_class_bind_template_child (widget_class, StreamerServerPage, result_label);
  gtk_widget_class_bind_template_callback (widget_class, on_request_url_changed);
  gtk_widget_class_bind_template_callback (widget_class, commit_request_url);
  gtk_widget_class_bind_template_callback (widget_class, on_domain_changed);
  gtk_widget_class_bind_template_callback (widget_class, commit_domain);
  gtk_widget_class_bind_template_callback (widget_class, on_test_clicked);
}

static void
streamer_server_page_init (StreamerServerPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
streamer_server_page_set_up (StreamerServerPage *self,
                             GSettings *settings,
                             GSettings *connection_settings,
                             StreamerSecrets *secrets)
{
  g_autofree char *url = NULL;
  g_autofree char *domain = NULL;

  g_return_if_fail (STREAMER_IS_SERVER_PAGE (self));
  g_return_if_fail (self->settings == NULL);

  self->settings = g_object_ref (settings);
  self->connection_settings = g_object_ref (connection_settings);
  self->secrets = g_object_ref (secrets);

  url = g_settings_get_string (connection_settings, STREAMER_SETTING_REQUEST_URL);
  domain = g_settings_get_string (connection_settings, STREAMER_SETTING_DOMAIN);
  gtk_editable_set_text (GTK_EDITABLE (self->request_url_row), url);
  gtk_editable_set_text (GTK_EDITABLE (self->domain_row), domain);
  show_domain_check (self, FALSE);
  g_settings_bind (connection_settings, STREAMER_SETTING_NAME, self->name_row, "text",
                   G_SETTINGS_BIND_DEFAULT);

  self->token = streamer_secret_field_new (self->token_row, self->token_note, self->forget_token,
                                           secrets, STREAMER_SERVER_ID, STREAMER_SECRET_TOKEN);
  self->api_key =
      streamer_secret_field_new (self->api_key_row, self->api_key_note, self->forget_api_key,
                                 secrets, STREAMER_SERVER_ID, STREAMER_SECRET_API_KEY);
  g_signal_connect_object (self->token, "notify::busy", G_CALLBACK (on_busy_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->api_key, "notify::busy", G_CALLBACK (on_busy_changed), self,
                           G_CONNECT_SWAPPED);
}

void
streamer_server_page_commit (StreamerServerPage *self)
{
  g_return_if_fail (STREAMER_IS_SERVER_PAGE (self));

  commit_request_url (self);
  commit_domain (self);
  streamer_secret_field_commit (self->token);
  streamer_secret_field_commit (self->api_key);
}

void
streamer_server_page_focus_request_url (StreamerServerPage *self)
{
  g_return_if_fail (STREAMER_IS_SERVER_PAGE (self));

  gtk_widget_grab_focus (self->request_url_row);
}
