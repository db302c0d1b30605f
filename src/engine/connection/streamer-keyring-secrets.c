/* streamer-keyring-secrets.c: secrets in the user's keyring, by libsecret
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any thread: libsecret's synchronous calls run a context of their own. What the keyring answered
 * is remembered for a moment, since each request of each part asks for it; what it does not take
 * is kept in memory for this run. Where the user has to unlock the keyring, a call blocks until
 * that is done or the call is cancelled.
 */

#include "streamer-config.h"
#include "streamer-secrets.h"

#include <glib/gi18n-lib.h>
#include <libsecret/secret.h>

/* Another program of ours may change the keyring: its word is taken up after so long. */
#define REMEMBER_USEC (10 * G_USEC_PER_SEC)

typedef struct
{
  char *secret;     /* (owned) (nullable): NULL where the keyring has none */
  gint64 good_till; /* monotonic time; G_MAXINT64 for what is only here */
} Remembered;

struct _StreamerKeyringSecrets
{
  GObject parent_instance;

  GMutex lock;
  GHashTable *remembered; /* (owned): "kind connection" → Remembered; guarded by lock */
  guint n_stores;         /* calls that changed something; guarded by lock */
};

static void streamer_keyring_secrets_iface_init (StreamerSecretsInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (StreamerKeyringSecrets,
                               streamer_keyring_secrets,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (STREAMER_TYPE_SECRETS,
                                                      streamer_keyring_secrets_iface_init))

static const SecretSchema keyring_schema = {
  .name = "org.s3streamer.S3Streamer",
  .flags = SECRET_SCHEMA_NONE,
  .attributes = {
    { "connection", SECRET_SCHEMA_ATTRIBUTE_STRING },
    { "kind", SECRET_SCHEMA_ATTRIBUTE_STRING },
    { NULL, 0 },
  },
};

static void
remembered_free (Remembered *remembered)
{
  g_free (remembered->secret);
  g_free (remembered);
}

static char *
entry_name (const char *connection_id, StreamerSecretKind kind)
{
  return g_strdup_printf ("%d %s", (int) kind, connection_id);
}

static const char *
kind_name (StreamerSecretKind kind)
{
  switch (kind)
    {
    case STREAMER_SECRET_TOKEN:
      return "token";
    case STREAMER_SECRET_API_KEY:
      return "api-key";
    case STREAMER_SECRET_S3_KEY:
    default:
      return "s3-key";
    }
}

/* With the lock held. */
static void
remember (StreamerKeyringSecrets *self, const char *name, const char *secret, gint64 good_till)
{
  Remembered *remembered = g_new0 (Remembered, 1);

  remembered->secret = g_strdup (secret);
  remembered->good_till = good_till;
  g_hash_table_replace (self->remembered, g_strdup (name), remembered);
}

static gboolean
recall (StreamerKeyringSecrets *self, const char *name, char **secret, guint *n_stores)
{
  Remembered *remembered;
  gboolean found = FALSE;

  g_mutex_lock (&self->lock);
  *n_stores = self->n_stores;
  remembered = g_hash_table_lookup (self->remembered, name);
  if (remembered != NULL && g_get_monotonic_time () < remembered->good_till)
    {
      *secret = g_strdup (remembered->secret);
      found = TRUE;
    }
  g_mutex_unlock (&self->lock);

  return found;
}

static char *
streamer_keyring_secrets_lookup (StreamerSecrets *secrets,
                                 const char *connection_id,
                                 StreamerSecretKind kind,
                                 GCancellable *cancellable,
                                 GError **error)
{
  StreamerKeyringSecrets *self = STREAMER_KEYRING_SECRETS (secrets);
  g_autofree char *name = entry_name (connection_id, kind);
  g_autoptr (GError) local_error = NULL;
  char *secret = NULL;
  char *found;
  guint n_stores;

  if (recall (self, name, &secret, &n_stores))
    return secret;

  found = secret_password_lookup_sync (&keyring_schema, cancellable, &local_error, "connection",
                                       connection_id, "kind", kind_name (kind), NULL);
  if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  if (local_error != NULL)
    g_debug ("No keyring to ask: %s", local_error->message);

  secret = g_strdup (found);
  secret_password_free (found);

  /* What was stored while the keyring was asked is newer than its answer. */
  g_mutex_lock (&self->lock);
  if (n_stores == self->n_stores)
    remember (self, name, secret, g_get_monotonic_time () + REMEMBER_USEC);
  g_mutex_unlock (&self->lock);
  return secret;
}

static gboolean
put_into_keyring (const char *connection_id,
                  StreamerSecretKind kind,
                  const char *secret,
                  GCancellable *cancellable,
                  GError **error)
{
  g_autofree char *label = NULL;

  if (secret == NULL)
    {
      GError *local_error = NULL;

      /* FALSE without an error says that there was nothing to forget. */
      secret_password_clear_sync (&keyring_schema, cancellable, &local_error, "connection",
                                  connection_id, "kind", kind_name (kind), NULL);
      if (local_error != NULL)
        g_propagate_error (error, local_error);
      return local_error == NULL;
    }

  if (kind == STREAMER_SECRET_TOKEN)
    /* Translators: the name of an entry in the keyring; %s names a connection. */
    label = g_strdup_printf (_ ("S3Streamer: token for %s"), connection_id);
  else if (kind == STREAMER_SECRET_S3_KEY)
    /* Translators: the name of an entry in the keyring; %s names a connection. */
    label = g_strdup_printf (_ ("S3Streamer: secret key for %s"), connection_id);
  else
    /* Translators: the name of an entry in the keyring; %s names a connection. */
    label = g_strdup_printf (_ ("S3Streamer: API key for %s"), connection_id);

  return secret_password_store_sync (&keyring_schema, SECRET_COLLECTION_DEFAULT, label, secret,
                                     cancellable, error, "connection", connection_id, "kind",
                                     kind_name (kind), NULL);
}

static gboolean
streamer_keyring_secrets_store (StreamerSecrets *secrets,
                                const char *connection_id,
                                StreamerSecretKind kind,
                                const char *secret,
                                gboolean *kept,
                                GCancellable *cancellable,
                                GError **error)
{
  StreamerKeyringSecrets *self = STREAMER_KEYRING_SECRETS (secrets);
  g_autofree char *name = entry_name (connection_id, kind);
  g_autoptr (GError) local_error = NULL;

  *kept = put_into_keyring (connection_id, kind, secret, cancellable, &local_error);
  if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (local_error != NULL)
    g_debug ("The keyring does not take it: %s", local_error->message);

  g_mutex_lock (&self->lock);
  self->n_stores++;
  remember (self, name, secret, *kept ? g_get_monotonic_time () + REMEMBER_USEC : G_MAXINT64);
  g_mutex_unlock (&self->lock);
  return TRUE;
}

static void
streamer_keyring_secrets_iface_init (StreamerSecretsInterface *iface)
{
  iface->lookup = streamer_keyring_secrets_lookup;
  iface->store = streamer_keyring_secrets_store;
}

static void
streamer_keyring_secrets_finalize (GObject *object)
{
  StreamerKeyringSecrets *self = STREAMER_KEYRING_SECRETS (object);

  g_hash_table_unref (self->remembered);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (streamer_keyring_secrets_parent_class)->finalize (object);
}

static void
streamer_keyring_secrets_class_init (StreamerKeyringSecretsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = streamer_keyring_secrets_finalize;
}

static void
streamer_keyring_secrets_init (StreamerKeyringSecrets *self)
{
  g_mutex_init (&self->lock);
  self->remembered =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) remembered_free);
}

StreamerSecrets *
streamer_keyring_secrets_new (void)
{
  return g_object_new (STREAMER_TYPE_KEYRING_SECRETS, NULL);
}
