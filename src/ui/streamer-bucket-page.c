/* streamer-bucket-page.c: the page on which a bucket is connected and tried out
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-bucket-page.h"

#include <glib/gi18n-lib.h>

#include "streamer-address.h"
#include "streamer-expiry-row.h"
#include "streamer-saved-connection.h"
#include "streamer-secret-field.h"
#include "streamer-setting-field.h"
#include "streamer-settings.h"
#include "streamer-test-group.h"

struct _StreamerBucketPage
{
  AdwPreferencesPage parent_instance;

  GtkWidget *bucket_row;
  GtkWidget *name_row;
  GtkWidget *endpoint_row;
  GtkWidget *region_row;
  GtkWidget *virtual_host_row;
  GtkWidget *virtual_host_switch;
  GtkWidget *access_key_row;
  GtkWidget *secret_key_row;
  GtkWidget *forget_secret_key;
  GtkWidget *storage_class_row;
  GtkWidget *domain_row;
  StreamerExpiryRow *link_expires_row;
  StreamerRowNote *bucket_note;
  StreamerRowNote *endpoint_note;
  StreamerRowNote *region_note;
  StreamerRowNote *access_key_note;
  StreamerRowNote *secret_key_note;
  StreamerRowNote *storage_class_note;
  StreamerRowNote *domain_note;
  StreamerTestGroup *test_group;

  GSettings *settings;                 /* (owned) */
  GSettings *connection_settings;      /* (owned) */
  StreamerSecrets *secrets;            /* (owned) */
  StreamerSettingField *bucket;        /* (owned) */
  StreamerSettingField *endpoint;      /* (owned) */
  StreamerSettingField *region;        /* (owned) */
  StreamerSettingField *access_key;    /* (owned) */
  StreamerSettingField *storage_class; /* (owned) */
  StreamerSettingField *domain;        /* (owned) */
  StreamerSecretField *secret_key;     /* (owned) */
  gboolean test_wanted;                /* as soon as the secret key is stored */
};

enum
{
  CONNECTED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (StreamerBucketPage, streamer_bucket_page, ADW_TYPE_PREFERENCES_PAGE)

static char *
check_bucket (const char *text, StreamerNoteKind *kind)
{
  g_autoptr (StreamerS3Place) place = streamer_s3_place_new ();
  g_autofree char *uri = g_strconcat ("s3://", text, NULL);
  g_autoptr (GError) error = NULL;

  if (*text == '\0' || streamer_s3_place_set_uri (place, uri, &error))
    return NULL;
  *kind = STREAMER_NOTE_ERROR;
  if (place->bucket == NULL && strchr (text, ':') != NULL)
    return g_strdup (_ ("Enter the name only, without an address around it."));
  return g_strdup (error->message);
}

static char *
check_endpoint (const char *text, StreamerNoteKind *kind)
{
  const char *sentence;

  *kind = streamer_address_check (text, &sentence) == STREAMER_ADDRESS_BAD ? STREAMER_NOTE_ERROR
                                                                           : STREAMER_NOTE_WARNING;
  return g_strdup (sentence);
}

static char *
check_word (const char *text, StreamerNoteKind *kind)
{
  for (const char *c = text; *c != '\0'; c++)
    {
      if (g_ascii_isalnum (*c) || strchr ("-_", *c) != NULL)
        continue;
      *kind = STREAMER_NOTE_ERROR;
      return g_strdup (_ ("This has letters of the alphabet, digits, “-” and “_” only."));
    }
  return NULL;
}

static char *
check_access_key (const char *text, StreamerNoteKind *kind)
{
  for (const char *c = text; *c != '\0'; c++)
    {
      if (g_ascii_isgraph (*c) && strchr ("/,=", *c) == NULL)
        continue;
      *kind = STREAMER_NOTE_ERROR;
      return g_strdup (_ ("This is no access key: it has no blanks and no “/”. The secret key goes "
                          "below."));
    }
  return NULL;
}

/* The bucket's name decides on whether there is a connection. */
static void
on_bucket_saved (StreamerBucketPage *self)
{
  g_autofree char *bucket =
      g_settings_get_string (self->connection_settings, STREAMER_SETTING_BUCKET);
  g_autofree char *name = g_settings_get_string (self->connection_settings, STREAMER_SETTING_NAME);

  if (*bucket == '\0')
    {
      if (streamer_saved_connection_exists (self->settings, STREAMER_BUCKET_ID))
        streamer_saved_connection_remove (self->settings, STREAMER_BUCKET_ID);
      return;
    }

  streamer_saved_connection_set (self->connection_settings, STREAMER_SETTING_KIND,
                                 STREAMER_KIND_S3);
  if (*name == '\0')
    {
      g_free (name);
      name = g_strdup (bucket);
      streamer_saved_connection_set (self->connection_settings, STREAMER_SETTING_NAME, name);
    }
  if (streamer_saved_connection_exists (self->settings, STREAMER_BUCKET_ID))
    return;

  streamer_saved_connection_add (self->settings, STREAMER_BUCKET_ID);
  g_signal_emit (self, signals[CONNECTED], 0, name);
}

/* What was found out was about something else. */
static void
on_row_changed (StreamerBucketPage *self)
{
  const char *endpoint = gtk_editable_get_text (GTK_EDITABLE (self->endpoint_row));
  const char *domain = gtk_editable_get_text (GTK_EDITABLE (self->domain_row));

  streamer_test_group_reset (self->test_group);
  /* Amazon S3 has it there anyway. */
  gtk_widget_set_visible (self->virtual_host_row, *endpoint != '\0');
  /* Links to a download address do not end. */
  gtk_widget_set_sensitive (GTK_WIDGET (self->link_expires_row), *domain == '\0');
}

static void
on_busy_changed (StreamerBucketPage *self)
{
  if (!self->test_wanted || streamer_secret_field_get_busy (self->secret_key))
    return;

  self->test_wanted = FALSE;
  streamer_test_group_start (self->test_group, self->settings, STREAMER_BUCKET_ID, self->secrets);
}

/* Returns: (nullable) (transfer none): the first field that holds what cannot be used */
static StreamerSettingField *
commit_fields (StreamerBucketPage *self)
{
  StreamerSettingField *const fields[] = { self->bucket,     self->endpoint,      self->region,
                                           self->access_key, self->storage_class, self->domain };
  StreamerSettingField *wrong = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      if (!streamer_setting_field_commit (fields[i]) && wrong == NULL)
        wrong = fields[i];
    }
  return wrong;
}

static void
on_test_clicked (StreamerBucketPage *self)
{
  StreamerSettingField *wrong = commit_fields (self);

  if (wrong != NULL)
    {
      streamer_setting_field_grab_focus (wrong);
      return;
    }
  on_bucket_saved (self);
  if (!streamer_saved_connection_exists (self->settings, STREAMER_BUCKET_ID))
    {
      streamer_row_note_set (self->bucket_note, STREAMER_NOTE_ERROR,
                             _ ("Enter the name of the bucket to which files shall go."));
      streamer_bucket_page_focus_bucket (self);
      return;
    }

  streamer_secret_field_commit (self->secret_key);
  streamer_test_group_announce (self->test_group, _ ("Asking the store…"));
  self->test_wanted = TRUE;
  on_busy_changed (self);
}

static void
streamer_bucket_page_dispose (GObject *object)
{
  StreamerBucketPage *self = STREAMER_BUCKET_PAGE (object);

  g_clear_object (&self->bucket);
  g_clear_object (&self->endpoint);
  g_clear_object (&self->region);
  g_clear_object (&self->access_key);
  g_clear_object (&self->storage_class);
  g_clear_object (&self->domain);
  g_clear_object (&self->secret_key);
  g_clear_object (&self->secrets);
  g_clear_object (&self->connection_settings);
  g_clear_object (&self->settings);

  G_OBJECT_CLASS (streamer_bucket_page_parent_class)->dispose (object);
}

static void
streamer_bucket_page_unmap (GtkWidget *widget)
{
  StreamerBucketPage *self = STREAMER_BUCKET_PAGE (widget);

  /* Nobody is left to read the answer. */
  self->test_wanted = FALSE;
  streamer_test_group_reset (self->test_group);

  GTK_WIDGET_CLASS (streamer_bucket_page_parent_class)->unmap (widget);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, StreamerBucketPage, bucket_row);
  gtk_widget_class_bind_template_child (widget_class, StreamerBucketPage, bucket_note);
  gtk_widget_class_bind_template_child (widget_class, StreamerBucketPage, name_row);
  gtk_widget_class_bind_template_child (widget_class, StreamerBucketPage, endpoint_row);
  gtk_widget_class_bind_template_child (widget_class, StreamerBucketPage, endpoint_note);
  gtk_widget_class_bind_template_child (widget_class, StreamerBucketPage, region_row);
  gtk_widget_class_bind_template_child (widget_class, StreamerBucketPage, region_note);
  gtk_widget_class_bind_template_child (widget_class, StreamerBucketPage, virtual_host_row);
  gtk_widget_class_bind_template_child (widget_class, StreamerBucketPage, virtual_host_switch);
  gtk_widget_class_bind_template_child (widget_class, StreamerBucketPage, access_key_row);
  gtk_widget_class_bind_template_child (widget_class, StreamerBucketPage, access_key_note);
  gtk_widget_class_bind_template_child (widget_class, StreamerBucketPage, secret_key_row);
  gtk_widget_class_bind_template_child (widget_class, StreamerBucketPage, secret_key_note);
  gtk_widget_class_bind_template_child (widget_class, StreamerBucketPage, forget_secret_key);
  gtk_widget_class_bind_template_child (widget_class, StreamerBucketPage, storage_class_row);
  gtk_widget_class_bind_template_child (widget_class, StreamerBucketPage, storage_class_note);
  gtk_widget_class_bind_template_child (widget_class, StreamerBucketPage, domain_row);
  gtk_widget_class_bind_template_child (widget_class, StreamerBucketPage, domain_note);
  gtk_widget_class_bind_template_child (widget_class, StreamerBucketPage, link_expires_row);
  gtk_widget_class_bind_template_child (widget_class, StreamerBucketPage, test_group);
}

static void
streamer_bucket_page_class_init (StreamerBucketPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = streamer_bucket_page_dispose;
  widget_class->unmap = streamer_bucket_page_unmap;

  signals[CONNECTED] = g_signal_new ("connected", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                     NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  g_type_ensure (STREAMER_TYPE_EXPIRY_ROW);
  g_type_ensure (STREAMER_TYPE_ROW_NOTE);
  g_type_ensure (STREAMER_TYPE_TEST_GROUP);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/s3streamer/S3Streamer/streamer-bucket-page.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, on_row_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_test_clicked);
}

static void
streamer_bucket_page_init (StreamerBucketPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
set_up_fields (StreamerBucketPage *self)
{
  GSettings *settings = self->connection_settings;

  self->bucket = streamer_setting_field_new (
      self->bucket_row, self->bucket_note, settings, STREAMER_SETTING_BUCKET, check_bucket,
      _ ("Its name, and behind a slash the folder in it, if files shall go into one."));
  self->endpoint = streamer_setting_field_new (
      self->endpoint_row, self->endpoint_note, settings, STREAMER_SETTING_ENDPOINT, check_endpoint,
      _ ("The web address of the store. Leave it empty for Amazon S3."));
  self->region = streamer_setting_field_new (
      self->region_row, self->region_note, settings, STREAMER_SETTING_REGION, check_word,
      _ ("Where the bucket is, such as eu-central-1. Many stores do without it."));
  self->access_key = streamer_setting_field_new (
      self->access_key_row, self->access_key_note, settings, STREAMER_SETTING_ACCESS_KEY,
      check_access_key,
      _ ("Leave it empty to use the keys that the AWS tools use on this computer."));
  self->storage_class = streamer_setting_field_new (
      self->storage_class_row, self->storage_class_note, settings, STREAMER_SETTING_STORAGE_CLASS,
      check_word, _ ("Leave it empty for what the store takes by itself."));
  self->domain = streamer_setting_field_new (
      self->domain_row, self->domain_note, settings, STREAMER_SETTING_DOMAIN,
      streamer_setting_check_domain,
      _ ("Where visitors download, if everybody may. Leave it empty for links that work for a "
         "while, also where the bucket is private."));
  self->secret_key = streamer_secret_field_new (self->secret_key_row, self->secret_key_note,
                                                self->forget_secret_key, self->secrets,
                                                STREAMER_BUCKET_ID, STREAMER_SECRET_S3_KEY);
}

void
streamer_bucket_page_set_up (StreamerBucketPage *self,
                             GSettings *settings,
                             GSettings *connection_settings,
                             StreamerSecrets *secrets)
{
  g_return_if_fail (STREAMER_IS_BUCKET_PAGE (self));
  g_return_if_fail (self->settings == NULL);

  self->settings = g_object_ref (settings);
  self->connection_settings = g_object_ref (connection_settings);
  self->secrets = g_object_ref (secrets);

  set_up_fields (self);
  g_settings_bind (connection_settings, STREAMER_SETTING_NAME, self->name_row, "text",
                   G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (connection_settings, STREAMER_SETTING_VIRTUAL_HOST, self->virtual_host_switch,
                   "active", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (connection_settings, STREAMER_SETTING_LINK_EXPIRES, self->link_expires_row,
                   "seconds", G_SETTINGS_BIND_DEFAULT);
  g_signal_connect_object (connection_settings, "changed::" STREAMER_SETTING_BUCKET,
                           G_CALLBACK (on_bucket_saved), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->secret_key, "notify::busy", G_CALLBACK (on_busy_changed), self,
                           G_CONNECT_SWAPPED);
  on_row_changed (self);
}

void
streamer_bucket_page_commit (StreamerBucketPage *self)
{
  g_return_if_fail (STREAMER_IS_BUCKET_PAGE (self));

  commit_fields (self);
  streamer_secret_field_commit (self->secret_key);
}

void
streamer_bucket_page_focus_bucket (StreamerBucketPage *self)
{
  g_return_if_fail (STREAMER_IS_BUCKET_PAGE (self));

  gtk_widget_grab_focus (self->bucket_row);
}
