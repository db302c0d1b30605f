/* streamer-known-capabilities.c: what a backend says of itself, asked for once
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The lock is held only to look and to put down, never while something is on its way.
 */

#include "streamer-config.h"
#include "streamer-known-capabilities.h"

#include "streamer-error.h"

void
streamer_known_capabilities_init (StreamerKnownCapabilities *self, const StreamerRequestApi *api)
{
  *self = (StreamerKnownCapabilities){ .api = api };
  streamer_turn_init (&self->asking);
  g_mutex_init (&self->lock);
}

void
streamer_known_capabilities_clear (StreamerKnownCapabilities *self)
{
  g_clear_pointer (&self->known, streamer_capabilities_unref);
  streamer_turn_clear (&self->asking);
  g_mutex_clear (&self->lock);
}

static StreamerCapabilities *
ask (StreamerKnownCapabilities *self,
     StreamerHttp *http,
     StreamerRequestVersion *version,
     GCancellable *cancellable,
     GError **error)
{
  g_autoptr (JsonObject) body = json_object_new ();
  g_autoptr (JsonNode) status = NULL;
  StreamerRequest request = { .action = "capabilities",
                              .body = body,
                              .missing = STREAMER_ERROR_NOT_FOUND,
                              .version = version,
                              .flags = STREAMER_HTTP_SAFE_TO_REPEAT };

  status = streamer_request_api_call (self->api, http, &request, NULL, cancellable, error);
  return status == NULL ? NULL : streamer_capabilities_parse (status, error);
}

/* Returns: (transfer full) (nullable) */
static StreamerCapabilities *
look (StreamerKnownCapabilities *self)
{
  StreamerCapabilities *known = NULL;

  g_mutex_lock (&self->lock);
  if (self->known != NULL)
    known = streamer_capabilities_ref (self->known);
  g_mutex_unlock (&self->lock);
  return known;
}

static void
put_down (StreamerKnownCapabilities *self, StreamerCapabilities *capabilities)
{
  g_mutex_lock (&self->lock);
  g_clear_pointer (&self->known, streamer_capabilities_unref);
  self->known = capabilities != NULL ? streamer_capabilities_ref (capabilities) : NULL;
  g_mutex_unlock (&self->lock);
}

StreamerCapabilities *
streamer_known_capabilities_get (StreamerKnownCapabilities *self,
                                 StreamerHttp *http,
                                 StreamerRequestVersion *version,
                                 GCancellable *cancellable,
                                 GError **error)
{
  StreamerCapabilities *capabilities = look (self);

  if (capabilities != NULL)
    return capabilities;
  if (!streamer_turn_take (&self->asking, cancellable, error))
    return NULL;
  capabilities = look (self);
  if (capabilities == NULL)
    {
      capabilities = ask (self, http, version, cancellable, error);
      if (capabilities != NULL)
        put_down (self, capabilities);
    }
  streamer_turn_give (&self->asking);

  return capabilities;
}

void
streamer_known_capabilities_forget (StreamerKnownCapabilities *self)
{
  put_down (self, NULL);
}
