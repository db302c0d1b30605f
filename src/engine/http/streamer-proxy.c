/* streamer-proxy.c: the desktop's proxy, but never for this computer and what it is plugged into,
 * nor for what is not encrypted
 *
 * Through https a proxy sees the name of the server alone; plain http shows it tokens and signed
 * URLs.
 *
 * The embedded backend listens on loopback; a proxy that is asked for it would be handed its token,
 * and would look for the backend on its own machine. So it is with link-local addresses: there a
 * cloud gives each of its machines its own keys.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-proxy.h"

struct _StreamerProxy
{
  GObject parent_instance;
};

static gboolean
is_direct (const char *uri)
{
  g_autoptr (GUri) parsed = g_uri_parse (uri, G_URI_FLAGS_PARSE_RELAXED, NULL);
  const char *host = parsed == NULL ? NULL : g_uri_get_host (parsed);
  g_autoptr (GInetAddress) address = NULL;

  if (host == NULL)
    return FALSE;
  if (g_str_equal (g_uri_get_scheme (parsed), "http"))
    return TRUE;
  address = g_inet_address_new_from_string (host);
  if (address != NULL)
    return g_inet_address_get_is_loopback (address) || g_inet_address_get_is_link_local (address);
  return g_ascii_strcasecmp (host, "localhost") == 0 || g_str_has_suffix (host, ".localhost");
}

static char **
direct (void)
{
  char **proxies = g_new0 (char *, 2);

  proxies[0] = g_strdup ("direct://");
  return proxies;
}

static gboolean
streamer_proxy_is_supported (GProxyResolver *resolver)
{
  return TRUE;
}

static char **
streamer_proxy_lookup (GProxyResolver *resolver,
                       const char *uri,
                       GCancellable *cancellable,
                       GError **error)
{
  if (is_direct (uri))
    return direct ();
  return g_proxy_resolver_lookup (g_proxy_resolver_get_default (), uri, cancellable, error);
}

static void
on_looked_up (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  char **proxies = g_proxy_resolver_lookup_finish (G_PROXY_RESOLVER (source), result, &error);

  if (proxies != NULL)
    g_task_return_pointer (task, proxies, (GDestroyNotify) g_strfreev);
  else
    g_task_return_error (task, error);
}

static void
streamer_proxy_lookup_async (GProxyResolver *resolver,
                             const char *uri,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (resolver, cancellable, callback, user_data);

  g_task_set_source_tag (task, streamer_proxy_lookup_async);
  if (is_direct (uri))
    g_task_return_pointer (task, direct (), (GDestroyNotify) g_strfreev);
  else
    g_proxy_resolver_lookup_async (g_proxy_resolver_get_default (), uri, cancellable, on_looked_up,
                                   g_steal_pointer (&task));
}

static char **
streamer_proxy_lookup_finish (GProxyResolver *resolver, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
proxy_resolver_iface_init (GProxyResolverInterface *iface)
{
  iface->is_supported = streamer_proxy_is_supported;
  iface->lookup = streamer_proxy_lookup;
  iface->lookup_async = streamer_proxy_lookup_async;
  iface->lookup_finish = streamer_proxy_lookup_finish;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (StreamerProxy,
                               streamer_proxy,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_PROXY_RESOLVER,
                                                      proxy_resolver_iface_init))

static void
streamer_proxy_class_init (StreamerProxyClass *klass)
{
}

static void
streamer_proxy_init (StreamerProxy *self)
{
}

GProxyResolver *
streamer_proxy_new (void)
{
  return g_object_new (STREAMER_TYPE_PROXY, NULL);
}
