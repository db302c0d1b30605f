/* streamer-connection.c: a named place to upload to
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Properties belong to the owner's thread; workers open the store and make links, and see the
 * values under the lock.
 */

#include "streamer-config.h"
#include "streamer-connection.h"

#include <glib/gi18n-lib.h>

#include "streamer-embedded-secrets.h"
#include "streamer-embedded.h"
#include "streamer-error.h"
#include "streamer-key.h"
#include "streamer-request-store.h"
#include "streamer-s3-store.h"
#include "streamer-turn.h"
#include "streamer-url.h"

struct _StreamerConnection
{
  GObject parent_instance;

  char *id; /* (owned) */
  StreamerConnectionKind kind;
  StreamerSecrets *secrets; /* (owned) */
  gboolean given;           /* the store was handed in */
  gboolean is_former;       /* see streamer_connection_set_former() */

  GMutex lock;
  char *name;                       /* (owned); written under lock */
  char *request_url;                /* (owned); written under lock */
  char *domain;                     /* (owned); written under lock */
  StreamerS3Place *place;           /* (owned) (nullable): of a bucket; written under lock */
  StreamerConnectionMemory *memory; /* (owned) (nullable); written under lock */
  StreamerTurn opening;
  StreamerStore *store; /* (owned) (nullable); guarded by lock */
  char *store_url;      /* (owned) (nullable): of store; guarded by lock */
};

typedef enum
{
  PROP_ID = 1,
  PROP_KIND,
  PROP_NAME,
  PROP_REQUEST_URL,
  PROP_DOMAIN,
  PROP_ACCESS_KEY,
} StreamerConnectionProperty;

static GParamSpec *properties[PROP_ACCESS_KEY + 1];

G_DEFINE_FINAL_TYPE (StreamerConnection, streamer_connection, G_TYPE_OBJECT)

static void
set_string (StreamerConnection *self, char **field, const char *value, GParamSpec *pspec)
{
  if (g_strcmp0 (*field, value) == 0)
    return;

  g_mutex_lock (&self->lock);
  g_free (*field);
  *field = g_strdup (value);
  g_mutex_unlock (&self->lock);
  g_object_notify_by_pspec (G_OBJECT (self), pspec);
}

/* Whoever holds the store that was opened before goes on with it, until it is refused. */
static void
set_access_key (StreamerConnection *self, const char *access_key)
{
  StreamerS3Place *old = self->place;

  if (old == NULL || g_strcmp0 (old->access_key, access_key) == 0)
    return;

  g_mutex_lock (&self->lock);
  self->place = streamer_s3_place_copy_for_key (old, access_key);
  g_clear_object (&self->store);
  g_mutex_unlock (&self->lock);
  streamer_s3_place_unref (old);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ACCESS_KEY]);
}

static gboolean
check_request_url (const char *url, GError **error)
{
  if (url == NULL || *url == '\0')
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
                           _ ("No request URL is set for this connection."));
      return FALSE;
    }

  if (!streamer_url_is_usable (url) || strchr (url, '#') != NULL)
    {
      /* Not shown: somebody may have pasted a secret into it. */
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
                           _ ("The request URL of this connection cannot be used. It has to look "
                              "like https://example.com/upload/request."));
      return FALSE;
    }

  return TRUE;
}

/* With the lock held. Keeps the store as long as it is the same one, with what it remembers. */
static StreamerStore *
take_store (StreamerConnection *self, const char *request_url)
{
  if (self->store == NULL || g_strcmp0 (self->store_url, request_url) != 0)
    {
      g_autoptr (StreamerSecrets) secrets = NULL;

      if (self->kind == STREAMER_CONNECTION_THIS_COMPUTER)
        secrets = streamer_embedded_secrets_new (request_url);
      else
        secrets = g_object_ref (self->secrets);

      g_clear_object (&self->store);
      self->store = streamer_request_store_new (request_url, self->id, secrets);
      g_free (self->store_url);
      self->store_url = g_strdup (request_url);
    }

  return g_object_ref (self->store);
}

static StreamerStore *
open_this_computer (StreamerConnection *self, GCancellable *cancellable, GError **error)
{
  g_autofree char *request_url = NULL;
  g_autofree char *token = NULL;
  StreamerStore *store = NULL;
  gboolean runs;

  if (!streamer_turn_take (&self->opening, cancellable, error))
    return NULL;

  runs = streamer_embedded_start (&request_url, &token, cancellable, error);

  g_mutex_lock (&self->lock);
  if (runs)
    store = take_store (self, request_url);
  g_mutex_unlock (&self->lock);
  streamer_turn_give (&self->opening);

  return store;
}

static StreamerStore *
open_request_api (StreamerConnection *self, GError **error)
{
  StreamerStore *store = NULL;

  g_mutex_lock (&self->lock);
  if (check_request_url (self->request_url, error))
    store = take_store (self, self->request_url);
  g_mutex_unlock (&self->lock);

  return store;
}

#define FACT_CRC32 "crc32"

/* Shared with the stores, which may outlive the connection. */
static void
memory_release (gpointer memory)
{
  StreamerConnectionMemory *self = memory;

  if (self->destroy != NULL)
    self->destroy (self->user_data);
}

static void
memory_unref (gpointer memory)
{
  g_atomic_rc_box_release_full (memory, memory_release);
}

static void
remember_crc32 (StreamerS3Fact fact, gpointer user_data)
{
  StreamerConnectionMemory *memory = user_data;

  memory->remember (FACT_CRC32, fact == STREAMER_S3_YES ? "yes" : "no", memory->user_data);
}

/* With the lock held. */
static void
give_memory (StreamerConnection *self)
{
  g_autofree char *known = NULL;
  StreamerS3Fact fact = STREAMER_S3_UNKNOWN;

  if (self->memory == NULL)
    return;
  known = self->memory->recall (FACT_CRC32, self->memory->user_data);
  if (known != NULL)
    fact = g_str_equal (known, "yes") ? STREAMER_S3_YES : STREAMER_S3_NO;
  streamer_s3_store_set_memory (STREAMER_S3_STORE (self->store), fact, remember_crc32,
                                g_atomic_rc_box_acquire (self->memory), memory_unref);
}

static StreamerStore *
open_s3 (StreamerConnection *self, GError **error)
{
  StreamerStore *store = NULL;

  g_mutex_lock (&self->lock);
  if (self->store == NULL)
    {
      g_autoptr (StreamerS3Client) client =
          streamer_s3_place_open (self->place, self->id, self->secrets, error);

      if (client != NULL)
        {
          self->store =
              streamer_s3_store_new (client, self->place->storage_class, self->place->link_expires);
          give_memory (self);
        }
    }
  if (self->store != NULL)
    store = g_object_ref (self->store);
  g_mutex_unlock (&self->lock);

  return store;
}

static void
streamer_connection_finalize (GObject *object)
{
  StreamerConnection *self = STREAMER_CONNECTION (object);

  g_clear_object (&self->secrets);
  g_clear_pointer (&self->place, streamer_s3_place_unref);
  g_clear_object (&self->store);
  g_clear_pointer (&self->memory, memory_unref);
  g_free (self->id);
  g_free (self->name);
  g_free (self->request_url);
  g_free (self->domain);
  g_free (self->store_url);
  streamer_turn_clear (&self->opening);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (streamer_connection_parent_class)->finalize (object);
}

static void
streamer_connection_get_property (GObject *object,
                                  guint property_id,
                                  GValue *value,
                                  GParamSpec *pspec)
{
  StreamerConnection *self = STREAMER_CONNECTION (object);

  switch ((StreamerConnectionProperty) property_id)
    {
    case PROP_ID:
      g_value_set_string (value, self->id);
      break;
    case PROP_KIND:
      g_value_set_int (value, (int) self->kind);
      break;
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_REQUEST_URL:
      g_value_set_string (value, self->request_url);
      break;
    case PROP_DOMAIN:
      g_value_set_string (value, self->domain);
      break;
    case PROP_ACCESS_KEY:
      g_value_set_string (value, self->place != NULL ? self->place->access_key : NULL);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
streamer_connection_set_property (GObject *object,
                                  guint property_id,
                                  const GValue *value,
                                  GParamSpec *pspec)
{
  StreamerConnection *self = STREAMER_CONNECTION (object);

  switch ((StreamerConnectionProperty) property_id)
    {
    case PROP_ID:
      self->id = g_value_dup_string (value);
      break;
    case PROP_KIND:
      self->kind = (StreamerConnectionKind) g_value_get_int (value);
      break;
    case PROP_NAME:
      set_string (self, &self->name, g_value_get_string (value), pspec);
      break;
    case PROP_REQUEST_URL:
      set_string (self, &self->request_url, g_value_get_string (value), pspec);
      break;
    case PROP_DOMAIN:
      set_string (self, &self->domain, g_value_get_string (value), pspec);
      break;
    case PROP_ACCESS_KEY:
      set_access_key (self, g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
streamer_connection_class_init (StreamerConnectionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = streamer_connection_finalize;
  object_class->get_property = streamer_connection_get_property;
  object_class->set_property = streamer_connection_set_property;

  properties[PROP_ID] = g_param_spec_string (
      "id", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_KIND] =
      g_param_spec_int ("kind", NULL, NULL, STREAMER_CONNECTION_THIS_COMPUTER,
                        STREAMER_CONNECTION_S3, STREAMER_CONNECTION_REQUEST_API,
                        G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_NAME] =
      g_param_spec_string ("name", NULL, NULL, NULL,
                           G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_REQUEST_URL] =
      g_param_spec_string ("request-url", NULL, NULL, NULL,
                           G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_DOMAIN] =
      g_param_spec_string ("domain", NULL, NULL, NULL,
                           G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_ACCESS_KEY] =
      g_param_spec_string ("access-key", NULL, NULL, NULL,
                           G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
streamer_connection_init (StreamerConnection *self)
{
  g_mutex_init (&self->lock);
  streamer_turn_init (&self->opening);
}

StreamerConnection *
streamer_connection_new_this_computer (StreamerSecrets *secrets)
{
  /* Translators: the name of the place to upload to that needs no account. */
  StreamerConnection *self =
      g_object_new (STREAMER_TYPE_CONNECTION, "id", STREAMER_CONNECTION_ID_THIS_COMPUTER, "kind",
                    (int) STREAMER_CONNECTION_THIS_COMPUTER, "name", _ ("This computer"), NULL);

  g_set_object (&self->secrets, secrets);
  return self;
}

StreamerConnection *
streamer_connection_new_request_api (const char *id,
                                     const char *name,
                                     const char *request_url,
                                     const char *domain,
                                     StreamerSecrets *secrets)
{
  StreamerConnection *self = g_object_new (STREAMER_TYPE_CONNECTION, "id", id, "kind",
                                           (int) STREAMER_CONNECTION_REQUEST_API, "name", name,
                                           "request-url", request_url, "domain", domain, NULL);

  g_set_object (&self->secrets, secrets);
  return self;
}

StreamerConnection *
streamer_connection_new_s3 (const char *id,
                            const char *name,
                            StreamerS3Place *place,
                            const char *domain,
                            StreamerSecrets *secrets)
{
  StreamerConnection *self =
      g_object_new (STREAMER_TYPE_CONNECTION, "id", id, "kind", (int) STREAMER_CONNECTION_S3,
                    "name", name, "domain", domain, NULL);

  self->place = streamer_s3_place_ref (place);
  g_set_object (&self->secrets, secrets);
  return self;
}

StreamerConnection *
streamer_connection_new_for_store (const char *id, StreamerStore *store, StreamerSecrets *secrets)
{
  StreamerConnection *self = streamer_connection_new_request_api (id, id, NULL, NULL, secrets);

  g_set_object (&self->store, store);
  self->given = TRUE;
  return self;
}

const char *
streamer_connection_get_id (StreamerConnection *self)
{
  g_return_val_if_fail (STREAMER_IS_CONNECTION (self), NULL);

  return self->id;
}

const char *
streamer_connection_get_name (StreamerConnection *self)
{
  g_return_val_if_fail (STREAMER_IS_CONNECTION (self), NULL);

  return self->name;
}

StreamerConnectionKind
streamer_connection_get_kind (StreamerConnection *self)
{
  g_return_val_if_fail (STREAMER_IS_CONNECTION (self), STREAMER_CONNECTION_THIS_COMPUTER);

  return self->kind;
}

const char *
streamer_connection_get_request_url (StreamerConnection *self)
{
  g_return_val_if_fail (STREAMER_IS_CONNECTION (self), NULL);

  return self->request_url;
}

const char *
streamer_connection_get_domain (StreamerConnection *self)
{
  g_return_val_if_fail (STREAMER_IS_CONNECTION (self), NULL);

  return self->domain;
}

StreamerS3Place *
streamer_connection_dup_place (StreamerConnection *self)
{
  StreamerS3Place *place;

  g_return_val_if_fail (STREAMER_IS_CONNECTION (self), NULL);

  g_mutex_lock (&self->lock);
  place = self->place != NULL ? streamer_s3_place_ref (self->place) : NULL;
  g_mutex_unlock (&self->lock);
  return place;
}

StreamerSecrets *
streamer_connection_get_secrets (StreamerConnection *self)
{
  g_return_val_if_fail (STREAMER_IS_CONNECTION (self), NULL);

  return self->secrets;
}

void
streamer_connection_set_memory (StreamerConnection *self, const StreamerConnectionMemory *memory)
{
  StreamerConnectionMemory *old;

  g_return_if_fail (STREAMER_IS_CONNECTION (self));

  g_mutex_lock (&self->lock);
  old = self->memory;
  self->memory = g_atomic_rc_box_new0 (StreamerConnectionMemory);
  *self->memory = *memory;
  g_mutex_unlock (&self->lock);
  g_clear_pointer (&old, memory_unref);
}

void
streamer_connection_set_former (StreamerConnection *self)
{
  g_return_if_fail (STREAMER_IS_CONNECTION (self));

  self->is_former = TRUE;
}

static gboolean
is_same (const char *a, const char *b)
{
  return g_str_equal (a != NULL ? a : "", b != NULL ? b : "");
}

gboolean
streamer_connection_is_same_place (StreamerConnection *self, StreamerConnection *other)
{
  const StreamerS3Place *a, *b;

  g_return_val_if_fail (STREAMER_IS_CONNECTION (self) && STREAMER_IS_CONNECTION (other), FALSE);

  a = self->place;
  b = other->place;
  if (self->kind != other->kind || !is_same (self->request_url, other->request_url))
    return FALSE;
  return a == NULL || b == NULL ||
         (is_same (a->endpoint, b->endpoint) && is_same (a->bucket, b->bucket) &&
          is_same (a->prefix, b->prefix));
}

StreamerStore *
streamer_connection_open (StreamerConnection *self, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (STREAMER_IS_CONNECTION (self), NULL);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  if (self->is_former)
    {
      /* With this code nothing is thrown away that was sent. */
      g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_FORBIDDEN,
                   /* Translators: the placeholder is the name of a connection */
                   _ ("“%s” leads to another place now than when this upload began. Change the "
                      "connection back, so that the upload can be continued or removed there."),
                   self->name != NULL && *self->name != '\0' ? self->name : self->id);
      return NULL;
    }
  if (self->given)
    return g_object_ref (self->store);
  switch (self->kind)
    {
    case STREAMER_CONNECTION_THIS_COMPUTER:
      return open_this_computer (self, cancellable, error);
    case STREAMER_CONNECTION_S3:
      return open_s3 (self, error);
    case STREAMER_CONNECTION_REQUEST_API:
    default:
      return open_request_api (self, error);
    }
}

gint64
streamer_connection_get_clock_offset (StreamerConnection *self)
{
  g_autoptr (StreamerStore) store = NULL;

  g_return_val_if_fail (STREAMER_IS_CONNECTION (self), 0);

  g_mutex_lock (&self->lock);
  g_set_object (&store, self->store);
  g_mutex_unlock (&self->lock);
  return store != NULL ? streamer_store_get_clock_offset (store) : 0;
}

char *
streamer_connection_link (StreamerConnection *self,
                          const StreamerStoredObject *object,
                          const char *key)
{
  g_autofree char *domain = NULL;

  g_return_val_if_fail (STREAMER_IS_CONNECTION (self), NULL);
  g_return_val_if_fail (key != NULL, NULL);

  g_mutex_lock (&self->lock);
  domain = g_strdup (self->domain);
  g_mutex_unlock (&self->lock);

  if (domain != NULL && *domain != '\0')
    return streamer_key_to_url (domain, key);
  return object != NULL ? g_strdup (object->url) : NULL;
}
