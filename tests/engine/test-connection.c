/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-connection.h"

#include "streamer-error.h"
#include "streamer-request-store.h"

static StreamerConnection *
new_connection (const char *request_url, const char *domain)
{
  g_autoptr (StreamerSecrets) secrets = streamer_memory_secrets_new (NULL);

  return streamer_connection_new_request_api ("office", "Office", request_url, domain, secrets);
}

static void
test_properties_are_what_was_given (void)
{
  g_autoptr (StreamerConnection) connection =
      new_connection ("https://example.org/r", "https://files.example.org");
  g_autofree char *id = NULL;
  g_autofree char *name = NULL;
  g_autofree char *request_url = NULL;
  g_autofree char *domain = NULL;
  int kind;

  g_object_get (connection, "id", &id, "name", &name, "request-url", &request_url, "domain",
                &domain, "kind", &kind, NULL);
  g_assert_cmpstr (id, ==, "office");
  g_assert_cmpstr (name, ==, "Office");
  g_assert_cmpstr (request_url, ==, "https://example.org/r");
  g_assert_cmpstr (domain, ==, "https://files.example.org");
  g_assert_cmpint (kind, ==, STREAMER_CONNECTION_REQUEST_API);
  g_assert_cmpstr (streamer_connection_get_domain (connection), ==, domain);
}

static void
count (guint *counter)
{
  (*counter)++;
}

static void
test_only_real_changes_are_notified (void)
{
  g_autoptr (StreamerConnection) connection = new_connection ("https://example.org/r", NULL);
  guint n_notified = 0;

  g_signal_connect_swapped (connection, "notify", G_CALLBACK (count), &n_notified);
  g_object_set (connection, "request-url", "https://example.org/r", "name", "Office", NULL);
  g_assert_cmpuint (n_notified, ==, 0);
  g_object_set (connection, "request-url", "https://example.org/s", NULL);
  g_assert_cmpuint (n_notified, ==, 1);
}

static void
test_the_store_stays_until_the_url_changes (void)
{
  g_autoptr (StreamerConnection) connection = new_connection ("https://example.org/r", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerStore) first = streamer_connection_open (connection, NULL, &error);
  g_autoptr (StreamerStore) second = streamer_connection_open (connection, NULL, &error);
  g_autoptr (StreamerStore) third = NULL;

  g_assert_no_error (error);
  g_assert_true (STREAMER_IS_REQUEST_STORE (first));
  g_assert_true (first == second);
  g_object_set (connection, "domain", "https://files.example.org", NULL);
  g_assert_true (first == streamer_connection_open (connection, NULL, NULL));
  g_object_unref (first);

  g_object_set (connection, "request-url", "https://example.net/r", NULL);
  third = streamer_connection_open (connection, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (third != first);
}

static void
test_unusable_request_urls_are_refused (void)
{
  static const char *const refused[] = { "",
                                         "example.org/upload",
                                         "ftp://example.org/upload",
                                         "file:///etc/passwd",
                                         "https://",
                                         "https:///upload",
                                         "https://user:secret@example.org/upload",
                                         "https://example.org/up load",
                                         "https://example.org/upload\r\nX: y",
                                         "https://example.org/upload#secret" };

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (StreamerConnection) connection = new_connection (refused[i], NULL);
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", refused[i]);
      g_assert_null (streamer_connection_open (connection, NULL, &error));
      g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID);
      g_assert_null (strstr (error->message, "secret"));
    }
}

static void
test_a_given_store_is_always_the_one (void)
{
  g_autoptr (StreamerSecrets) secrets = streamer_memory_secrets_new (NULL);
  g_autoptr (StreamerStore) store =
      streamer_request_store_new ("http://127.0.0.1:9/r", "test", secrets);
  g_autoptr (StreamerConnection) connection =
      streamer_connection_new_for_store ("test", store, secrets);
  g_autoptr (StreamerStore) first = streamer_connection_open (connection, NULL, NULL);
  g_autoptr (StreamerStore) second = NULL;

  g_object_set (connection, "request-url", "https://example.net/r", NULL);
  second = streamer_connection_open (connection, NULL, NULL);
  g_assert_true (first == store);
  g_assert_true (second == store);
  g_assert_true (streamer_connection_get_secrets (connection) == secrets);
}

static void
test_a_cancelled_open_says_so (void)
{
  g_autoptr (StreamerConnection) connection = new_connection ("https://example.org/r", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (streamer_connection_open (connection, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
assert_link (const char *domain, const char *url, const char *key, const char *expected)
{
  g_autoptr (StreamerConnection) connection = new_connection ("https://example.org/r", domain);
  g_autoptr (StreamerStoredObject) object = streamer_stored_object_new (1, NULL, url);
  g_autofree char *link = streamer_connection_link (connection, object, key);

  g_assert_cmpstr (link, ==, expected);
}

static void
test_links_are_made_of_the_domain_or_the_answer (void)
{
  assert_link (NULL, "https://server/x", "a/b.txt", "https://server/x");
  assert_link ("", "https://server/x", "a/b.txt", "https://server/x");
  assert_link (NULL, NULL, "a/b.txt", NULL);
  assert_link ("https://files.example.org", "https://server/x", "a/b.txt",
               "https://files.example.org/a/b.txt");
  assert_link ("https://files.example.org/d/", NULL, "a/b.txt",
               "https://files.example.org/d/a/b.txt");
  assert_link ("https://files.example.org", NULL, "ä b/100%#?.txt",
               "https://files.example.org/%C3%A4%20b/100%25%23%3F.txt");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/connection/properties-are-what-was-given", test_properties_are_what_was_given);
  g_test_add_func ("/connection/only-real-changes-are-notified",
                   test_only_real_changes_are_notified);
  g_test_add_func ("/connection/the-store-stays-until-the-url-changes",
                   test_the_store_stays_until_the_url_changes);
  g_test_add_func ("/connection/unusable-request-urls-are-refused",
                   test_unusable_request_urls_are_refused);
  g_test_add_func ("/connection/a-given-store-is-always-the-one",
                   test_a_given_store_is_always_the_one);
  g_test_add_func ("/connection/a-cancelled-open-says-so", test_a_cancelled_open_says_so);
  g_test_add_func ("/connection/links-are-made-of-the-domain-or-the-answer",
                   test_links_are_made_of_the_domain_or_the_answer);
  return g_test_run ();
}
