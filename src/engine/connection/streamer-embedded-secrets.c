/* streamer-embedded-secrets.c: the token of the embedded backend, as it is at the moment
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Worker threads. The state file is read for each request, so that the token is in no other place.
 */

#include "streamer-config.h"
#include "streamer-embedded-secrets.h"

#include <glib/gi18n-lib.h>

#include "streamer-embedded.h"
#include "streamer-error.h"

struct _StreamerEmbeddedSecrets
{
  GObject parent_instance;

  char *request_url; /* (owned) */
};

static void streamer_embedded_secrets_iface_init (StreamerSecretsInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (StreamerEmbeddedSecrets,
                               streamer_embedded_secrets,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (STREAMER_TYPE_SECRETS,
                                                      streamer_embedded_secrets_iface_init))

static char *
streamer_embedded_secrets_lookup (StreamerSecrets *secrets,
                                  const char *connection_id,
                                  StreamerSecretKind kind,
                                  GCancellable *cancellable,
                                  GError **error)
{
  StreamerEmbeddedSecrets *self = STREAMER_EMBEDDED_SECRETS (secrets);
  g_autofree char *request_url = NULL;
  g_autofree char *token = NULL;

  if (kind != STREAMER_SECRET_TOKEN ||
      !streamer_embedded_start (&request_url, &token, cancellable, error))
    return NULL;
  if (!g_str_equal (request_url, self->request_url))
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_NETWORK,
                           _ ("The built-in server was started again at another address."));
      return NULL;
    }
  return g_steal_pointer (&token);
}

static gboolean
streamer_embedded_secrets_store (StreamerSecrets *secrets,
                                 const char *connection_id,
                                 StreamerSecretKind kind,
                                 const char *secret,
                                 gboolean *kept,
                                 GCancellable *cancellable,
                                 GError **error)
{
  *kept = FALSE;
  return TRUE;
}

static void
streamer_embedded_secrets_iface_init (StreamerSecretsInterface *iface)
{
  iface->lookup = streamer_embedded_secrets_lookup;
  iface->store = streamer_embedded_secrets_store;
}

static void
streamer_embedded_secrets_finalize (GObject *object)
{
  StreamerEmbeddedSecrets *self = STREAMER_EMBEDDED_SECRETS (object);

  g_free (self->request_url);

  G_OBJECT_CLASS (streamer_embedded_secrets_parent_class)->finalize (object);
}

static void
streamer_embedded_secrets_class_init (StreamerEmbeddedSecretsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = streamer_embedded_secrets_finalize;
}

static void
streamer_embedded_secrets_init (StreamerEmbeddedSecrets *self)
{
}

StreamerSecrets *
streamer_embedded_secrets_new (const char *request_url)
{
  StreamerEmbeddedSecrets *self = g_object_new (STREAMER_TYPE_EMBEDDED_SECRETS, NULL);

  self->request_url = g_strdup (request_url);
  return STREAMER_SECRETS (self);
}
