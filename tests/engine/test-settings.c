/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-settings.h"

#include "streamer-config.h"
#include "streamer-connection-record.h"
#include "streamer-error.h"
#include "streamer-plan.h"
#include "streamer-target.h"

static GSettings *
new_settings (void)
{
  g_autoptr (GError) error = NULL;
  GSettings *settings = streamer_settings_new (&error);

  g_assert_no_error (error);
  g_assert_nonnull (settings);
  return settings;
}

static void
save_connection (GSettings *settings, const char *id, const char *name, const char *request_url)
{
  const char *ids[] = { id, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GSettings) saved = streamer_settings_new_for_connection (id, &error);

  g_assert_no_error (error);
  g_settings_set_string (saved, STREAMER_SETTING_NAME, name);
  g_settings_set_string (saved, STREAMER_SETTING_REQUEST_URL, request_url);
  g_settings_set_strv (settings, STREAMER_SETTING_CONNECTIONS, ids);
}

static void
test_defaults_are_those_of_the_plan (void)
{
  g_autoptr (GSettings) settings = new_settings ();
  g_autofree char *connection = g_settings_get_string (settings, STREAMER_SETTING_CONNECTION);
  g_autofree char *tmp = g_settings_get_string (settings, STREAMER_SETTING_TMP);

  g_assert_cmpstr (connection, ==, STREAMER_CONNECTION_ID_THIS_COMPUTER);
  g_assert_cmpstr (tmp, ==, "");
  g_assert_cmpint (g_settings_get_int (settings, STREAMER_SETTING_PARTS), ==,
                   STREAMER_PARTS_DEFAULT);
  g_assert_cmpint (g_settings_get_int (settings, STREAMER_SETTING_PART_SIZE), ==,
                   STREAMER_PART_SIZE_DEFAULT_MIB);
  g_assert_false (g_settings_get_boolean (settings, STREAMER_SETTING_OVERWRITE));
  g_assert_false (g_settings_get_boolean (settings, STREAMER_SETTING_SHA256));
}

static void
test_targets_are_as_the_settings_say (void)
{
  g_autoptr (GSettings) settings = new_settings ();
  g_autoptr (StreamerSecrets) secrets = streamer_memory_secrets_new (NULL);
  g_autoptr (StreamerConnection) connection = streamer_connection_new_this_computer (secrets);
  g_autoptr (StreamerTarget) target = NULL;

  g_settings_set_boolean (settings, STREAMER_SETTING_OVERWRITE, TRUE);
  g_settings_set_boolean (settings, STREAMER_SETTING_SHA256, TRUE);
  g_settings_set_int (settings, STREAMER_SETTING_PART_SIZE, 7);
  target = streamer_target_new_from_settings (connection, settings);
  g_settings_reset (settings, STREAMER_SETTING_OVERWRITE);
  g_settings_reset (settings, STREAMER_SETTING_SHA256);
  g_settings_reset (settings, STREAMER_SETTING_PART_SIZE);

  g_assert_true (target->overwrite);
  g_assert_true (target->wants_sha256);
  g_assert_cmpuint (target->part_size, ==, 7 * STREAMER_MIB);
  g_assert_cmpstr (target->tmp, ==, "/tmp");
}

static gboolean
in_range (GSettingsSchema *schema, const char *name, int value)
{
  g_autoptr (GSettingsSchemaKey) key = g_settings_schema_get_key (schema, name);
  g_autoptr (GVariant) variant = g_variant_ref_sink (g_variant_new_int32 (value));

  return g_settings_schema_key_range_check (key, variant);
}

static void
test_ranges_are_those_of_the_plan (void)
{
  g_autoptr (GSettings) settings = new_settings ();
  g_autoptr (GSettingsSchema) schema = NULL;

  g_object_get (settings, "settings-schema", &schema, NULL);
  g_assert_true (in_range (schema, STREAMER_SETTING_PARTS, STREAMER_PARTS_MIN));
  g_assert_true (in_range (schema, STREAMER_SETTING_PARTS, STREAMER_PARTS_MAX));
  g_assert_false (in_range (schema, STREAMER_SETTING_PARTS, STREAMER_PARTS_MIN - 1));
  g_assert_false (in_range (schema, STREAMER_SETTING_PARTS, STREAMER_PARTS_MAX + 1));
  g_assert_true (in_range (schema, STREAMER_SETTING_PART_SIZE, STREAMER_PART_SIZE_MIN_MIB));
  g_assert_true (in_range (schema, STREAMER_SETTING_PART_SIZE, STREAMER_PART_SIZE_MAX_MIB));
  g_assert_false (in_range (schema, STREAMER_SETTING_PART_SIZE, STREAMER_PART_SIZE_MIN_MIB - 1));
  g_assert_false (in_range (schema, STREAMER_SETTING_PART_SIZE, STREAMER_PART_SIZE_MAX_MIB + 1));
}

static guint
count_words (const char *text, const char *word)
{
  g_auto (GStrv) pieces = g_strsplit (text, word, -1);

  return g_strv_length (pieces) - 1;
}

static void
test_every_key_is_described (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "data",
                                                 "org.s3streamer.S3Streamer.gschema.xml", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count_words (text, "<key "), >=, 10);
  g_assert_cmpuint (count_words (text, "<summary>"), ==, count_words (text, "<key "));
  g_assert_cmpuint (count_words (text, "<description>"), ==, count_words (text, "<key "));
}

static void
test_ids_are_plain (void)
{
  static const char *const refused[] = { "",       "a/b", "..",
                                         "Office", "a b", STREAMER_CONNECTION_ID_THIS_COMPUTER };

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (streamer_settings_new_for_connection (refused[i], &error));
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID);
    }
}

static void
test_this_computer_always_exists (void)
{
  g_autoptr (GSettings) settings = new_settings ();
  g_autoptr (StreamerSecrets) secrets = streamer_memory_secrets_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerConnection) by_default =
      streamer_settings_open_connection (settings, NULL, secrets, &error);
  g_autoptr (StreamerConnection) by_id = streamer_settings_open_connection (
      settings, STREAMER_CONNECTION_ID_THIS_COMPUTER, secrets, &error);
  g_autoptr (StreamerConnection) without_schema =
      streamer_settings_open_connection (NULL, NULL, secrets, &error);

  g_assert_no_error (error);
  g_assert_cmpint (streamer_connection_get_kind (by_default), ==,
                   STREAMER_CONNECTION_THIS_COMPUTER);
  g_assert_cmpint (streamer_connection_get_kind (by_id), ==, STREAMER_CONNECTION_THIS_COMPUTER);
  g_assert_cmpint (streamer_connection_get_kind (without_schema), ==,
                   STREAMER_CONNECTION_THIS_COMPUTER);
}

static void
test_an_unknown_connection_is_not_found (void)
{
  g_autoptr (GSettings) settings = new_settings ();
  g_autoptr (StreamerSecrets) secrets = streamer_memory_secrets_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) without_schema = NULL;

  g_assert_null (streamer_settings_open_connection (settings, "nowhere", secrets, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "nowhere"));
  g_assert_null (streamer_settings_open_connection (NULL, "nowhere", secrets, &without_schema));
  g_assert_error (without_schema, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND);
}

static void
test_a_saved_connection_is_found_by_id_and_by_name (void)
{
  g_autoptr (GSettings) settings = new_settings ();
  g_autoptr (StreamerSecrets) secrets = streamer_memory_secrets_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerConnection) by_id = NULL;
  g_autoptr (StreamerConnection) by_name = NULL;

  save_connection (settings, "office", "Our Office", "https://example.org/r");
  by_id = streamer_settings_open_connection (settings, "office", secrets, &error);
  g_assert_no_error (error);
  by_name = streamer_settings_open_connection (settings, "Our Office", secrets, &error);
  g_assert_no_error (error);

  g_assert_cmpstr (streamer_connection_get_id (by_id), ==, "office");
  g_assert_cmpstr (streamer_connection_get_id (by_name), ==, "office");
  g_assert_cmpstr (streamer_connection_get_name (by_id), ==, "Our Office");
  g_assert_cmpstr (streamer_connection_get_request_url (by_id), ==, "https://example.org/r");
  g_assert_true (streamer_connection_get_secrets (by_id) == secrets);
}

static void
count (guint *counter)
{
  (*counter)++;
}

static void
test_a_connection_follows_its_settings (void)
{
  g_autoptr (GSettings) settings = new_settings ();
  g_autoptr (GSettings) saved = NULL;
  g_autoptr (StreamerSecrets) secrets = streamer_memory_secrets_new (NULL);
  g_autoptr (StreamerConnection) connection = NULL;
  guint n_notified = 0;

  save_connection (settings, "office", "Office", "https://example.org/r");
  saved = streamer_settings_new_for_connection ("office", NULL);
  connection = streamer_settings_open_connection (settings, "office", secrets, NULL);
  g_signal_connect_swapped (connection, "notify::domain", G_CALLBACK (count), &n_notified);

  g_settings_set_string (saved, STREAMER_SETTING_REQUEST_URL, "https://example.net/new");
  g_settings_set_string (saved, STREAMER_SETTING_DOMAIN, "https://files.example.net");
  g_settings_set_string (saved, STREAMER_SETTING_DOMAIN, "https://files.example.net");
  while (g_main_context_iteration (NULL, FALSE))
    ;

  g_assert_cmpstr (streamer_connection_get_request_url (connection), ==, "https://example.net/new");
  g_assert_cmpstr (streamer_connection_get_domain (connection), ==, "https://files.example.net");
  g_assert_cmpuint (n_notified, ==, 1);
}

/* An upload that was begun at one server is not gone on with at another. */
static void
test_a_record_stays_with_its_place (void)
{
  g_autoptr (GSettings) settings = new_settings ();
  g_autoptr (GSettings) saved = NULL;
  g_autoptr (StreamerSecrets) secrets = streamer_memory_secrets_new (NULL);
  g_autoptr (StreamerConnection) connection = NULL;
  g_autoptr (StreamerConnection) restored = NULL;
  g_autoptr (StreamerStore) store = NULL;
  g_autofree char *record = NULL;
  g_autoptr (GError) error = NULL;

  save_connection (settings, "office", "Office", "https://example.org/r");
  saved = streamer_settings_new_for_connection ("office", NULL);
  connection = streamer_settings_open_connection (settings, "office", secrets, NULL);
  record = streamer_connection_to_record (connection);
  g_settings_set_string (saved, STREAMER_SETTING_REQUEST_URL, "https://example.net/other");
  restored = streamer_settings_restore_connection (settings, record, secrets, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (streamer_connection_get_request_url (restored), ==, "https://example.org/r");
  g_assert_null (streamer_connection_open (restored, NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_FORBIDDEN);
  g_clear_error (&error);

  g_clear_object (&restored);
  g_settings_set_string (saved, STREAMER_SETTING_REQUEST_URL, "https://example.org/r");
  restored = streamer_settings_restore_connection (settings, record, secrets, &error);
  store = streamer_connection_open (restored, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (store);
}

static void
test_without_a_schema_there_is_an_error (void)
{
  g_autofree char *installed = g_build_filename (STREAMER_SCHEMADIR, "gschemas.compiled", NULL);

  if (g_file_test (installed, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("a schema may be installed");
      return;
    }
  g_test_trap_subprocess ("/settings/subprocess/no-schema", 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
}

static void
subprocess_no_schema (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (streamer_settings_new (&error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_null (streamer_settings_new_for_connection ("office", &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_FAILED);
}

static void
test_without_a_bus_it_reads_silently (void)
{
  g_test_trap_subprocess ("/settings/subprocess/no-bus", 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr_unmatched ("*?*");
}

static void
subprocess_no_bus (void)
{
  g_autoptr (StreamerSecrets) secrets = streamer_memory_secrets_new (NULL);
  g_autoptr (GSettings) settings = new_settings ();
  g_autoptr (StreamerConnection) connection =
      streamer_settings_open_connection (settings, NULL, secrets, NULL);

  g_assert_nonnull (connection);
  g_assert_cmpint (g_settings_get_int (settings, STREAMER_SETTING_PARTS), ==,
                   STREAMER_PARTS_DEFAULT);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
test_without_dconf_it_keeps_settings_silently (void)
{
  g_test_trap_subprocess ("/settings/subprocess/no-dconf", 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr_unmatched ("*?*");
}

static void
subprocess_no_dconf (void)
{
  g_autoptr (GSettings) settings = new_settings ();
  g_autoptr (GSettings) saved = streamer_settings_new_for_connection ("office", NULL);
  g_autofree char *path =
      g_build_filename (g_get_user_config_dir (), "glib-2.0", "settings", "keyfile", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_settings_set_int (settings, STREAMER_SETTING_PARTS, 7);
  g_settings_set_string (saved, STREAMER_SETTING_NAME, "Office");
  g_settings_sync ();

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (text, "parts=7"));
  g_assert_nonnull (strstr (text, "name='Office'"));
}

/* What is not installed, or not running, has to be missing before GIO looks for it. */
static void
prepare (const char *path)
{
  if (g_str_equal (path, "/settings/subprocess/no-schema"))
    {
      g_unsetenv ("GSETTINGS_SCHEMA_DIR");
      g_setenv ("XDG_DATA_DIRS", "/nonexistent", TRUE);
    }
  if (g_str_has_prefix (path, "/settings/subprocess/no-bus") ||
      g_str_has_prefix (path, "/settings/subprocess/no-dconf"))
    {
      g_unsetenv ("GSETTINGS_BACKEND");
      g_unsetenv ("DISPLAY");
      g_unsetenv ("WAYLAND_DISPLAY");
      g_setenv ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus", TRUE);
    }
  if (g_str_equal (path, "/settings/subprocess/no-dconf"))
    g_setenv ("GIO_MODULE_DIR", "/nonexistent", TRUE);
}

static char *
get_link (StreamerConnection *connection)
{
  g_autoptr (StreamerS3Place) place = streamer_connection_dup_place (connection);
  g_autoptr (StreamerS3Client) client = NULL;
  g_autoptr (GError) error = NULL;
  char *url;

  client = streamer_s3_place_open (place, streamer_connection_get_id (connection),
                                   streamer_connection_get_secrets (connection), &error);
  g_assert_no_error (error);
  url = streamer_s3_client_presign (client, "GET", "k", NULL, NULL, 60, NULL, &error);
  g_assert_no_error (error);
  return url;
}

/* Where keys are refused the user enters others, and what waits goes on with them. */
static void
test_access_key_goes_both_ways (void)
{
  static const char *const ids[] = { "bucket", NULL };
  g_autoptr (GSettings) settings = new_settings ();
  g_autoptr (GSettings) saved = streamer_settings_new_for_connection ("bucket", NULL);
  g_autoptr (StreamerSecrets) secrets = streamer_memory_secrets_new (NULL);
  g_autoptr (StreamerConnection) connection = NULL;
  g_autoptr (StreamerStore) before = NULL;
  g_autoptr (StreamerStore) after = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *key = NULL;

  streamer_secrets_store (secrets, "bucket", STREAMER_SECRET_S3_KEY, "hidden", NULL, NULL, NULL);
  g_settings_set_strv (settings, STREAMER_SETTING_CONNECTIONS, ids);
  g_settings_set_string (saved, STREAMER_SETTING_KIND, STREAMER_KIND_S3);
  g_settings_set_string (saved, STREAMER_SETTING_BUCKET, "films");
  g_settings_set_string (saved, STREAMER_SETTING_REGION, "eu-central-1");
  g_settings_set_string (saved, STREAMER_SETTING_ACCESS_KEY, "FIRST");
  connection = streamer_settings_open_connection (settings, "bucket", secrets, &error);
  g_assert_no_error (error);
  first = get_link (connection);
  g_assert_nonnull (strstr (first, "FIRST"));
  before = streamer_connection_open (connection, NULL, &error);
  g_assert_no_error (error);

  g_settings_set_string (saved, STREAMER_SETTING_ACCESS_KEY, "SECOND");
  second = get_link (connection);
  g_assert_nonnull (strstr (second, "SECOND"));
  after = streamer_connection_open (connection, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (after != before);

  g_object_set (connection, "access-key", "THIRD", NULL);
  key = g_settings_get_string (saved, STREAMER_SETTING_ACCESS_KEY);
  g_assert_cmpstr (key, ==, "THIRD");
  g_settings_reset (settings, STREAMER_SETTING_CONNECTIONS);
}

int
main (int argc, char *argv[])
{
  for (int i = 1; i < argc; i++)
    prepare (argv[i]);

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/settings/defaults-are-those-of-the-plan", test_defaults_are_those_of_the_plan);
  g_test_add_func ("/settings/targets-are-as-the-settings-say",
                   test_targets_are_as_the_settings_say);
  g_test_add_func ("/settings/ranges-are-those-of-the-plan", test_ranges_are_those_of_the_plan);
  g_test_add_func ("/settings/every-key-is-described", test_every_key_is_described);
  g_test_add_func ("/settings/ids-are-plain", test_ids_are_plain);
  g_test_add_func ("/settings/this-computer-always-exists", test_this_computer_always_exists);
  g_test_add_func ("/settings/an-unknown-connection-is-not-found",
                   test_an_unknown_connection_is_not_found);
  g_test_add_func ("/settings/a-saved-connection-is-found-by-id-and-by-name",
                   test_a_saved_connection_is_found_by_id_and_by_name);
  g_test_add_func ("/settings/a-connection-follows-its-settings",
                   test_a_connection_follows_its_settings);
  g_test_add_func ("/settings/a-record-stays-with-its-place", test_a_record_stays_with_its_place);
  g_test_add_func ("/settings/without-a-schema-there-is-an-error",
                   test_without_a_schema_there_is_an_error);
  g_test_add_func ("/settings/subprocess/no-schema", subprocess_no_schema);
  g_test_add_func ("/settings/without-a-bus-it-reads-silently",
                   test_without_a_bus_it_reads_silently);
  g_test_add_func ("/settings/subprocess/no-bus", subprocess_no_bus);
  g_test_add_func ("/settings/without-dconf-it-keeps-settings-silently",
                   test_without_dconf_it_keeps_settings_silently);
  g_test_add_func ("/settings/subprocess/no-dconf", subprocess_no_dconf);
  g_test_add_func ("/settings/access-key-goes-both-ways", test_access_key_goes_both_ways);
  return g_test_run ();
}
