/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "script-server.h"
#include "streamer-error.h"
#include "streamer-http.h"
#include "streamer-proxy.h"

/* The desktop's settings, as this test has them: everything goes through a proxy that is not there,
 * this computer included. */
#define NO_PROXY "http://127.0.0.1:1"

static const char *desktop_proxy = NO_PROXY;

#define TEST_TYPE_DESKTOP (test_desktop_get_type ())
G_DECLARE_FINAL_TYPE (TestDesktop, test_desktop, TEST, DESKTOP, GObject)

struct _TestDesktop
{
  GObject parent_instance;
};

static gboolean
test_desktop_is_supported (GProxyResolver *resolver)
{
  return TRUE;
}

static char **
test_desktop_lookup (GProxyResolver *resolver,
                     const char *uri,
                     GCancellable *cancellable,
                     GError **error)
{
  return g_strsplit (desktop_proxy, " ", -1);
}

static void
test_desktop_lookup_async (GProxyResolver *resolver,
                           const char *uri,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (resolver, cancellable, callback, user_data);

  g_task_return_pointer (task, g_strsplit (desktop_proxy, " ", -1), (GDestroyNotify) g_strfreev);
}

static char **
test_desktop_lookup_finish (GProxyResolver *resolver, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
proxy_resolver_iface_init (GProxyResolverInterface *iface)
{
  iface->is_supported = test_desktop_is_supported;
  iface->lookup = test_desktop_lookup;
  iface->lookup_async = test_desktop_lookup_async;
  iface->lookup_finish = test_desktop_lookup_finish;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TestDesktop,
                               test_desktop,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_PROXY_RESOLVER,
                                                      proxy_resolver_iface_init))

static void
test_desktop_class_init (TestDesktopClass *klass)
{
}

static void
test_desktop_init (TestDesktop *self)
{
}

static void
on_looked_up (GObject *source, GAsyncResult *result, gpointer user_data)
{
  char ***proxies = user_data;
  g_autoptr (GError) error = NULL;

  *proxies = g_proxy_resolver_lookup_finish (G_PROXY_RESOLVER (source), result, &error);
  g_assert_no_error (error);
}

static void
assert_proxy (const char *uri, const char *expected)
{
  g_autoptr (GProxyResolver) resolver = streamer_proxy_new ();
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) now = g_proxy_resolver_lookup (resolver, uri, NULL, &error);
  g_auto (GStrv) later = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (now[0], ==, expected);
  g_assert_null (now[1]);

  g_proxy_resolver_lookup_async (resolver, uri, NULL, on_looked_up, &later);
  while (later == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstrv (now, later);
}

static void
test_this_computer_is_direct (void)
{
  static const char *const uris[] = {
    "http://127.0.0.1:8333/",         "http://127.9.9.9/",     "http://localhost/",
    "https://LOCALHOST:1/",           "http://x.localhost:1/", "http://[::1]:8333/upload",
    "http://169.254.169.254/latest/", "http://[fe80::1]/",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (uris); i++)
    assert_proxy (uris[i], "direct://");
}

/* A proxy would read the token, or the signed URL. */
static void
test_what_is_not_encrypted_is_direct (void)
{
  static const char *const uris[] = { "http://example.org/", "HTTP://10.0.0.1:80/",
                                      "http://[2001:db8::1]/" };

  for (gsize i = 0; i < G_N_ELEMENTS (uris); i++)
    assert_proxy (uris[i], "direct://");
}

static void
test_others_are_as_the_desktop_says (void)
{
  static const char *const uris[] = {
    "https://example.org/",  "https://s3.example.org/",        "https://10.0.0.1/",
    "https://192.168.0.1:1", "https://localhost.example.org/", "https://[2001:db8::1]/",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (uris); i++)
    assert_proxy (uris[i], NO_PROXY);
}

static void
test_requests_keep_to_it (void)
{
  g_autoptr (ScriptServer) server = script_server_new ();
  g_autoptr (StreamerHttp) http = streamer_http_new ();
  g_auto (StreamerAnswer) answer = { 0 };
  g_autoptr (GError) error = NULL;

  streamer_http_send_text (http, "POST", script_server_get_url (server), NULL, "{}",
                           STREAMER_HTTP_DEFAULT, &answer, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (answer.status, ==, 200);
  g_assert_cmpuint (script_server_count (server), ==, 1);

  /* Elsewhere it goes through the proxy, which is not there. */
  streamer_answer_clear (&answer);
  g_assert_false (streamer_http_send_text (http, "POST", "https://s3.example.org/", NULL, "{}",
                                           STREAMER_HTTP_DEFAULT, &answer, NULL, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NETWORK);
}

static void
test_a_proxy_gets_no_token (void)
{
  static const char *const headers[] = { "Authorization", "Bearer TOKENTOKEN", "x-api-key",
                                         "KEYKEYKEY", NULL };
  g_autoptr (ScriptServer) proxy = script_server_new ();
  g_autoptr (StreamerHttp) http = streamer_http_new ();
  g_auto (StreamerAnswer) answer = { 0 };
  g_auto (ScriptRequest) request = { 0 };
  g_autoptr (GError) error = NULL;

  desktop_proxy = script_server_get_url (proxy);
  script_server_add (proxy,
                     &(ScriptStep){ .answer = "HTTP/1.1 407 Sign in\r\nContent-Length: 0\r\n"
                                              "Proxy-Authenticate: Basic realm=\"x\"\r\n\r\n",
                                    .then = SCRIPT_CLOSE });
  g_assert_false (streamer_http_send_text (http, "POST", "https://s3.example.org/", headers, "{}",
                                           STREAMER_HTTP_DEFAULT, &answer, NULL, &error));
  desktop_proxy = NO_PROXY;
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_PORTAL);
  script_server_get (proxy, 0, &request);
  g_assert_true (g_str_has_prefix (request.head, "CONNECT s3.example.org:443 "));
  g_assert_null (strstr (request.head, "TOKENTOKEN"));
  g_assert_null (strstr (request.head, "KEYKEYKEY"));
  g_assert_cmpuint (script_server_count (proxy), ==, 1);
}

int
main (int argc, char *argv[])
{
  g_setenv ("GIO_USE_PROXY_RESOLVER", "test", TRUE);
  g_test_init (&argc, &argv, NULL);
  /* Registers the extension points. */
  g_vfs_get_default ();
  g_io_extension_point_implement (G_PROXY_RESOLVER_EXTENSION_POINT_NAME, TEST_TYPE_DESKTOP, "test",
                                  1000);
  g_test_add_func ("/proxy/this-computer-is-direct", test_this_computer_is_direct);
  g_test_add_func ("/proxy/what-is-not-encrypted-is-direct", test_what_is_not_encrypted_is_direct);
  g_test_add_func ("/proxy/others-are-as-the-desktop-says", test_others_are_as_the_desktop_says);
  g_test_add_func ("/proxy/requests-keep-to-it", test_requests_keep_to_it);
  g_test_add_func ("/proxy/a-proxy-gets-no-token", test_a_proxy_gets_no_token);
  return g_test_run ();
}
