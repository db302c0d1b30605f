/* streamer-memory-secrets.c: secrets that end with the process
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any thread; the table has its lock.
 */

#include "streamer-secrets.h"

struct _StreamerMemorySecrets
{
  GObject parent_instance;

  StreamerSecrets *fallback; /* (owned) (nullable) */

  GMutex lock;
  GHashTable *secrets; /* (owned): "kind connection" → secret; guarded by lock */
};

static void streamer_memory_secrets_iface_init (StreamerSecretsInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (StreamerMemorySecrets,
                               streamer_memory_secrets,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (STREAMER_TYPE_SECRETS,
                                                      streamer_memory_secrets_iface_init))

static char *
entry_name (const char *connection_id, StreamerSecretKind kind)
{
  return g_strdup_printf ("%d %s", (int) kind, connection_id);
}

static char *
streamer_memory_secrets_lookup (StreamerSecrets *secrets,
                                const char *connection_id,
                                StreamerSecretKind kind,
                                GCancellable *cancellable,
                                GError **error)
{
  StreamerMemorySecrets *self = STREAMER_MEMORY_SECRETS (secrets);
  g_autofree char *name = entry_name (connection_id, kind);
  char *secret;

  g_mutex_lock (&self->lock);
  secret = g_strdup (g_hash_table_lookup (self->secrets, name));
  g_mutex_unlock (&self->lock);

  if (secret == NULL && self->fallback != NULL)
    return streamer_secrets_lookup (self->fallback, connection_id, kind, cancellable, error);
  return secret;
}

static gboolean
streamer_memory_secrets_store (StreamerSecrets *secrets,
                               const char *connection_id,
                               StreamerSecretKind kind,
                               const char *secret,
                               gboolean *kept,
                               GCancellable *cancellable,
                               GError **error)
{
  StreamerMemorySecrets *self = STREAMER_MEMORY_SECRETS (secrets);
  g_autofree char *name = entry_name (connection_id, kind);

  g_mutex_lock (&self->lock);
  if (secret != NULL)
    g_hash_table_replace (self->secrets, g_steal_pointer (&name), g_strdup (secret));
  else
    g_hash_table_remove (self->secrets, name);
  g_mutex_unlock (&self->lock);

  *kept = FALSE;
  return TRUE;
}

static void
streamer_memory_secrets_iface_init (StreamerSecretsInterface *iface)
{
  iface->lookup = streamer_memory_secrets_lookup;
  iface->store = streamer_memory_secrets_store;
}

static void
streamer_memory_secrets_finalize (GObject *object)
{
  StreamerMemorySecrets *self = STREAMER_MEMORY_SECRETS (object);

  g_clear_object (&self->fallback);
  g_hash_table_unref (self->secrets);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (streamer_memory_secrets_parent_class)->finalize (object);
}

static void
streamer_memory_secrets_class_init (StreamerMemorySecretsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = streamer_memory_secrets_finalize;
}

static void
streamer_memory_secrets_init (StreamerMemorySecrets *self)
{
  g_mutex_init (&self->lock);
  self->secrets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

StreamerSecrets *
streamer_memory_secrets_new (StreamerSecrets *fallback)
{
  StreamerMemorySecrets *self = g_object_new (STREAMER_TYPE_MEMORY_SECRETS, NULL);

  g_set_object (&self->fallback, fallback);
  return STREAMER_SECRETS (self);
}
