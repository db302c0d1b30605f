/* streamer-server-page.c: the page on which a server is connected and tried out
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-server-page.h"

#include <glib/gi18n-lib.h>

#include "streamer-address.h"
#include "streamer-saved-connection.h"
#include "streamer-secret-field.h"
#include "streamer-setting-field.h"
#include "streamer-settings.h"
#include "streamer-test-group.h"

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
  StreamerRowNote *request_url_note;
  StreamerRowNote *domain_note;
  StreamerRowNote *token_note;
  StreamerRowNote *api_key_note;
  StreamerTestGroup *test_group;

  GSettings *settings;            /* (owned) */
  GSettings *connection_settings; /* (owned) */
  StreamerSecrets *secrets;       /* (owned) */
  StreamerSettingField *domain;   /* (owned) */
  StreamerSecretField *token;     /* (owned) */
  StreamerSecretField *api_key;   /* (owned) */
  gboolean test_wanted;           /* as soon as the secrets are stored */
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
show_check (StreamerServerPage *self, gboolean typing)
{
  g_autofree char *text = get_text (self->request_url_row);
  const char *sentence;
  StreamerAddressCheck check = streamer_address_check (text, &sentence);

  /* Half an address is no error yet. */
  if (check == STREAMER_ADDRESS_BAD && typing)
    sentence = NULL;
  streamer_row_note_set (
      self->request_url_note,
      check == STREAMER_ADDRESS_BAD ? STREAMER_NOTE_ERROR : STREAMER_NOTE_WARNING, sentence);

  return check;
}

static void
take_away (StreamerServerPage *self)
{
  streamer_saved_connection_set (self->connection_settings, STREAMER_SETTING_REQUEST_URL, "");
  streamer_saved_connection_remove (self->settings, STREAMER_SERVER_ID);
}

static void
save (StreamerServerPage *self, const char *url)
{
  g_autofree char *name = get_text (self->name_row);

  streamer_saved_connection_set (self->connection_settings, STREAMER_SETTING_REQUEST_URL, url);
  if (*name == '\0')
    {
      g_free (name);
      name = streamer_address_get_host (url);
      gtk_editable_set_text (GTK_EDITABLE (self->name_row), name);
    }
  if (streamer_saved_connection_exists (self->settings, STREAMER_SERVER_ID))
    return;

  streamer_saved_connection_add (self->settings, STREAMER_SERVER_ID);
  g_signal_emit (self, signals[CONNECTED], 0, name);
}

static void
commit_request_url (StreamerServerPage *self)
{
  g_autofree char *url = get_text (self->request_url_row);

  switch (show_check (self, FALSE))
    {
    case STREAMER_ADDRESS_EMPTY:
      if (streamer_saved_connection_exists (self->settings, STREAMER_SERVER_ID))
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
on_request_url_changed (StreamerServerPage *self)
{
  show_check (self, TRUE);
  streamer_test_group_reset (self->test_group);
}

static void
on_busy_changed (StreamerServerPage *self)
{
  if (!self->test_wanted || streamer_secret_field_get_busy (self->token) ||
      streamer_secret_field_get_busy (self->api_key))
    return;

  self->test_wanted = FALSE;
  streamer_test_group_start (self->test_group, self->settings, STREAMER_SERVER_ID, self->secrets);
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
  if (!streamer_saved_connection_exists (self->settings, STREAMER_SERVER_ID))
    {
      streamer_row_note_set (self->request_url_note, STREAMER_NOTE_ERROR,
                             _ ("Enter the address to which the server wants requests sent."));
      streamer_server_page_focus_request_url (self);
      return;
    }

  streamer_test_group_announce (self->test_group, _ ("Asking the server…"));
  self->test_wanted = TRUE;
  on_busy_changed (self);
}

static void
streamer_server_page_dispose (GObject *object)
{
  StreamerServerPage *self = STREAMER_SERVER_PAGE (object);

  g_clear_object (&self->domain);
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
  streamer_test_group_reset (self->test_group);

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
  g_type_ensure (STREAMER_TYPE_TEST_GROUP);
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
  gtk_widget_class_bind_template_child (widget_class, StreamerServerPage, test_group);
  gtk_widget_class_bind_template_callback (widget_class, on_request_url_changed);
  gtk_widget_class_bind_template_callback (widget_class, commit_request_url);
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

  g_return_if_fail (STREAMER_IS_SERVER_PAGE (self));
  g_return_if_fail (self->settings == NULL);

  self->settings = g_object_ref (settings);
  self->connection_settings = g_object_ref (connection_settings);
  self->secrets = g_object_ref (secrets);

  url = g_settings_get_string (connection_settings, STREAMER_SETTING_REQUEST_URL);
  gtk_editable_set_text (GTK_EDITABLE (self->request_url_row), url);
  g_settings_bind (connection_settings, STREAMER_SETTING_NAME, self->name_row, "text",
                   G_SETTINGS_BIND_DEFAULT);

  self->domain = streamer_setting_field_new (
      self->domain_row, self->domain_note, connection_settings, STREAMER_SETTING_DOMAIN,
      streamer_setting_check_domain,
      _ ("Where visitors download. Leave it empty for the address that the server gives."));
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
  streamer_setting_field_commit (self->domain);
  streamer_secret_field_commit (self->token);
  streamer_secret_field_commit (self->api_key);
}

void
streamer_server_page_focus_request_url (StreamerServerPage *self)
{
  g_return_if_fail (STREAMER_IS_SERVER_PAGE (self));

  gtk_widget_grab_focus (self->request_url_row);
}
