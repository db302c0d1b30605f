/* streamer-error.c: the one error domain, what the server said beside its words, and advice
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-error.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <libsoup/soup.h>

typedef struct
{
  guint status_code; /* 0 where no server spoke */
  int retry_after;   /* seconds, or -1 */
  char *request_id;  /* (owned) (nullable) */
  gboolean timeout;
  gboolean garbled;
} StreamerErrorPrivate;

static void
streamer_error_private_init (StreamerErrorPrivate *priv)
{
  priv->retry_after = -1;
}

static void
streamer_error_private_copy (const StreamerErrorPrivate *src, StreamerErrorPrivate *dest)
{
  dest->status_code = src->status_code;
  dest->retry_after = src->retry_after;
  dest->request_id = g_strdup (src->request_id);
  dest->timeout = src->timeout;
  dest->garbled = src->garbled;
}

static void
streamer_error_private_clear (StreamerErrorPrivate *priv)
{
  g_clear_pointer (&priv->request_id, g_free);
}

G_DEFINE_EXTENDED_ERROR (StreamerError, streamer_error)

/* The HTTP status that comes closest where no server named one. */
static guint
status_code_for (StreamerError code)
{
  switch (code)
    {
    case STREAMER_ERROR_INVALID:
    case STREAMER_ERROR_UNREADABLE:
      return 400;
    case STREAMER_ERROR_AUTH:
      return 401;
    case STREAMER_ERROR_FORBIDDEN:
    case STREAMER_ERROR_EXPIRED:
      return 403;
    case STREAMER_ERROR_NOT_FOUND:
    case STREAMER_ERROR_NO_UPLOAD:
      return 404;
    case STREAMER_ERROR_EXISTS:
      return 409;
    case STREAMER_ERROR_CHANGED:
      return 412;
    case STREAMER_ERROR_TOO_LARGE:
      return 413;
    case STREAMER_ERROR_TLS:
    case STREAMER_ERROR_PROTOCOL:
      return 502;
    case STREAMER_ERROR_NETWORK:
    case STREAMER_ERROR_INTERRUPTED:
    case STREAMER_ERROR_SHORT:
    case STREAMER_ERROR_BUSY:
      return 503;
    case STREAMER_ERROR_PORTAL:
      return 511;
    case STREAMER_ERROR_NO_SPACE:
    case STREAMER_ERROR_QUOTA:
    case STREAMER_ERROR_JOURNAL:
      return 507;
    case STREAMER_ERROR_CHECKSUM:
    case STREAMER_ERROR_FAILED:
    default:
      return 500;
    }
}

/* Which of ours a transport's error is; %STREAMER_ERROR_FAILED for a domain that is none. */
static StreamerError
transport_code (const GError *error)
{
  if (error->domain == G_TLS_ERROR)
    {
      /* A connection that broke under TLS says nothing about the certificate. */
      if (error->code == G_TLS_ERROR_EOF || error->code == G_TLS_ERROR_MISC)
        return STREAMER_ERROR_NETWORK;
      return STREAMER_ERROR_TLS;
    }
  if (error->domain == SOUP_SESSION_ERROR)
    {
      switch ((SoupSessionError) error->code)
        {
        case SOUP_SESSION_ERROR_PARSING:
        case SOUP_SESSION_ERROR_ENCODING:
        case SOUP_SESSION_ERROR_TOO_MANY_REDIRECTS:
        case SOUP_SESSION_ERROR_REDIRECT_NO_LOCATION:
        case SOUP_SESSION_ERROR_REDIRECT_BAD_URI:
          return STREAMER_ERROR_PROTOCOL;
        default:
          return STREAMER_ERROR_NETWORK;
        }
    }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES))
    return STREAMER_ERROR_SHORT;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PROXY_NEED_AUTH) ||
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PROXY_AUTH_FAILED) ||
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PROXY_NOT_ALLOWED))
    return STREAMER_ERROR_PORTAL;
  if (error->domain == G_RESOLVER_ERROR || error->domain == G_IO_ERROR)
    return STREAMER_ERROR_NETWORK;
  return STREAMER_ERROR_FAILED;
}

void
streamer_error_set_answer (GError *error,
                           guint status_code,
                           int retry_after,
                           const char *request_id)
{
  StreamerErrorPrivate *priv;

  g_return_if_fail (error != NULL && error->domain == STREAMER_ERROR);
  g_return_if_fail (retry_after >= -1);

  priv = streamer_error_get_private (error);
  priv->status_code = status_code;
  priv->retry_after = retry_after;
  g_free (priv->request_id);
  priv->request_id = g_strdup (request_id);
}

guint
streamer_error_get_status_code (const GError *error)
{
  g_return_val_if_fail (error != NULL, 500);

  if (error->domain == STREAMER_ERROR)
    {
      const StreamerErrorPrivate *priv = streamer_error_get_private (error);

      /* An error inside an answer of status 200 must not look like a success. */
      if (priv->status_code >= 300 && priv->status_code <= 999)
        return priv->status_code;
      return status_code_for (error->code);
    }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return 499;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE))
    return status_code_for (STREAMER_ERROR_NO_SPACE);
  /* Any other I/O error that was not turned into one of ours is about this computer. */
  if (error->domain == G_IO_ERROR)
    return status_code_for (STREAMER_ERROR_FAILED);
  return status_code_for (transport_code (error));
}

int
streamer_error_get_retry_after (const GError *error)
{
  const StreamerErrorPrivate *priv;

  g_return_val_if_fail (error != NULL, -1);

  if (error->domain != STREAMER_ERROR)
    return -1;
  priv = streamer_error_get_private (error);
  return priv->retry_after;
}

void
streamer_error_set_timeout (GError *error)
{
  g_return_if_fail (error != NULL && error->domain == STREAMER_ERROR);

  streamer_error_get_private (error)->timeout = TRUE;
}

gboolean
streamer_error_is_timeout (const GError *error)
{
  g_return_val_if_fail (error != NULL, FALSE);

  return error->domain == STREAMER_ERROR && streamer_error_get_private (error)->timeout;
}

gboolean
streamer_error_is_garbled (const GError *error)
{
  g_return_val_if_fail (error != NULL, FALSE);

  return error->domain == STREAMER_ERROR && streamer_error_get_private (error)->garbled;
}

const char *
streamer_error_get_request_id (const GError *error)
{
  const StreamerErrorPrivate *priv;

  g_return_val_if_fail (error != NULL, NULL);

  if (error->domain != STREAMER_ERROR)
    return NULL;
  priv = streamer_error_get_private (error);
  return priv->request_id;
}

const char *
streamer_error_get_advice (const GError *error)
{
  g_return_val_if_fail (error != NULL, NULL);

  if (error->domain != STREAMER_ERROR)
    return NULL;

  switch ((StreamerError) error->code)
    {
    case STREAMER_ERROR_INVALID:
      return _ ("Correct the value and try again.");
    case STREAMER_ERROR_AUTH:
      return _ ("Enter a valid token, and the API key if the server wants one.");
    case STREAMER_ERROR_FORBIDDEN:
      return _ ("Choose another target folder, or ask the server’s administrator for access.");
    case STREAMER_ERROR_NOT_FOUND:
      return _ ("Check the name, and that it is on this server.");
    case STREAMER_ERROR_EXISTS:
      return _ ("Upload under another name, or allow replacing what is there.");
    case STREAMER_ERROR_NO_UPLOAD:
      return _ ("Start the upload over.");
    case STREAMER_ERROR_EXPIRED:
      return _ ("Try again, and check that this computer’s clock is right.");
    case STREAMER_ERROR_NETWORK:
      return _ ("Check the network connection and the server’s address, then try again.");
    case STREAMER_ERROR_PORTAL:
      return _ ("Sign in to this network first, or check the server’s address.");
    case STREAMER_ERROR_INTERRUPTED:
      return _ ("Try again.");
    case STREAMER_ERROR_SHORT:
      return _ ("Close other programs, or send fewer parts at the same time.");
    case STREAMER_ERROR_TLS:
      return _ ("Check this computer’s clock, and tell the server’s administrator if it is right.");
    case STREAMER_ERROR_BUSY:
      return _ ("Wait a while and try again.");
    case STREAMER_ERROR_PROTOCOL:
      return _ ("Check the request URL, and whether this network wants you to sign in first.");
    case STREAMER_ERROR_CHECKSUM:
      return _ ("Try again; if it happens again, have the disk and the memory checked.");
    case STREAMER_ERROR_CHANGED:
      return _ ("Wait until nothing writes to the file any more, then start the upload over.");
    case STREAMER_ERROR_UNREADABLE:
      return _ ("Check that the file is there and that you may read it.");
    case STREAMER_ERROR_TOO_LARGE:
      return _ ("Split the file, or choose larger parts.");
    case STREAMER_ERROR_NO_SPACE:
      return _ ("Free some space on that disk, or choose another temporary folder.");
    case STREAMER_ERROR_JOURNAL:
      return _ ("Free some space in your home folder, and check that its disk works.");
    case STREAMER_ERROR_QUOTA:
      return _ ("Remove something from the server, or ask its administrator for more space.");
    case STREAMER_ERROR_FAILED:
    default:
      return _ ("Try again; if it happens again, tell the server’s administrator.");
    }
}

void
streamer_error_append_advice (GError *error, const char *advice)
{
  char *message;

  g_return_if_fail (error != NULL);

  if (advice == NULL)
    return;
  message = g_strconcat (error->message, "\n", advice, NULL);
  g_free (error->message);
  error->message = message;
}

/* A whole sentence with room for the transport's own words. */
static const char *
transport_sentence (const GError *error, StreamerError code)
{
  if (code == STREAMER_ERROR_TLS)
    {
      if (error->code == G_TLS_ERROR_BAD_CERTIFICATE)
        /* Translators: %s is a technical detail that is not translated by this program. */
        return _ ("The server’s certificate cannot be trusted (%s).");
      /* Translators: %s is a technical detail that is not translated by this program. */
      return _ ("No secure connection to the server can be made (%s).");
    }
  if (code == STREAMER_ERROR_PROTOCOL)
    /* Translators: %s is a technical detail that is not translated by this program. */
    return _ ("The server’s answer cannot be understood (%s).");
  if (code == STREAMER_ERROR_PORTAL)
    /* Translators: %s is a technical detail that is not translated by this program. */
    return _ ("The proxy of this network does not let this program through (%s).");
  if (code == STREAMER_ERROR_SHORT)
    /* Translators: %s is a technical detail that is not translated by this program. */
    return _ ("This computer is short of something that a connection needs (%s).");
  if (error->domain == G_RESOLVER_ERROR ||
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_HOST_NOT_FOUND))
    /* Translators: %s is a technical detail, usually with the server's name in it. */
    return _ ("The server cannot be found (%s).");
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    /* Translators: %s is a technical detail that is not translated by this program. */
    return _ ("The server refuses the connection (%s).");
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    /* Translators: %s is a technical detail that is not translated by this program. */
    return _ ("The server does not answer, or the connection stood still for too long (%s).");
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE) ||
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE))
    /* Translators: %s is a technical detail that is not translated by this program. */
    return _ ("There is no way to the server from this network (%s).");
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED) ||
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT) || error->domain == G_TLS_ERROR)
    /* Translators: %s is a technical detail that is not translated by this program. */
    return _ ("The connection to the server broke (%s).");
  /* Translators: %s is a technical detail that is not translated by this program. */
  return _ ("The connection to the server failed (%s).");
}

GError *
streamer_error_from_transport (GError *error)
{
  StreamerError code;
  GError *ours;

  g_return_val_if_fail (error != NULL, NULL);

  if (error->domain == STREAMER_ERROR || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return error;

  code = transport_code (error);
  if (code == STREAMER_ERROR_FAILED)
    ours = g_error_new_literal (STREAMER_ERROR, code, error->message);
  else
    {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
      ours = g_error_new (STREAMER_ERROR, code, transport_sentence (error, code), error->message);
#pragma GCC diagnostic pop
    }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    streamer_error_set_timeout (ours);
  streamer_error_get_private (ours)->garbled =
      g_error_matches (error, SOUP_SESSION_ERROR, SOUP_SESSION_ERROR_PARSING);
  g_error_free (error);
  return ours;
}
