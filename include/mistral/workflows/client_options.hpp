// What a client is made with: where the server is, who calls, and the limits that it keeps.
// Not the settings of a single call: those are in call_options.hpp.
#pragma once

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/hooks.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace mistral::workflows {

/// How the server's identity is checked, and what the client shows of its own. Names and contents are read
/// when the client is made; files of certificates and keys are read again before a new connection where they
/// have changed (connections that are there stay). TLS 1.2 is the oldest version that is spoken. A text or
/// file of certificates is taken whole or refused.
class MISTRAL_WORKFLOWS_EXPORT tls_options {
 public:
  tls_options();

  std::string ca_file;  ///< PEM file of trusted roots, in place of the system's

  /// The same as text; excludes `ca_file`. Both empty: the system's roots.
  std::string ca_pem;
  std::string client_certificate_file;  ///< PEM file of the client's certificate, its chain after it
  std::string client_certificate_pem;   ///< the same as text; excludes the file
  std::string client_key_file;          ///< PEM file of the certificate's private key
  std::string client_key_pem;           ///< the same as text; excludes the file
  std::string client_key_password;      ///< of a key that is encrypted; it is not asked for on a terminal

  /// Where to append the sessions' secrets for a packet analyser. Whoever reads that file can read the
  /// traffic.
  std::string key_log_file;
  /// Told once of a change to files that left them unusable, in words; what was read before stays in use.
  /// Called by the call that needs a connection, on its executor; may be called by several at once. What it
  /// throws is dropped.
  std::function<void(const std::string& reason)> reload_failed;
};

/// The way through an HTTP proxy. The client opens a tunnel (CONNECT) to the server through it, with Basic
/// credentials where the proxy's URL has them; the API key is never shown to the proxy. What fails there is a
/// `transport_error` that names the proxy; no message holds the credentials.
class MISTRAL_WORKFLOWS_EXPORT proxy_options {
 public:
  proxy_options();

  /// "http://user:password@host:port": user and password are optional and percent-encoded, the port is 1080
  /// unless given (curl's default), "http://" may be left out. Always used if set, whatever the environment
  /// says. Other schemes are refused, and so is a proxy for an http:// server: it would see the API key.
  std::string url;

  /// With no `url`: for an https:// server, the environment variables HTTPS_PROXY, else ALL_PROXY, and
  /// NO_PROXY, read when the client is made, as curl does: the lower-case names count first, an empty one is
  /// not set; NO_PROXY is "*" or a list, separated by commas, of names (each standing for all below it too),
  /// addresses and networks ("10.0.0.0/8").
  bool from_environment = true;
};

/// When and how often a failed attempt of a call is repeated. What may be repeated at all is not a setting:
/// it follows from the operation.
class MISTRAL_WORKFLOWS_EXPORT retry_options {
 public:
  retry_options();

  /// 1 to 100, the first attempt included; 1 turns retries off.
  int max_attempts = 4;
  std::chrono::milliseconds initial_backoff{250};     ///< ceiling of the first wait; it doubles (full jitter)
  std::chrono::milliseconds max_backoff{8'000};       ///< ceiling of every wait
  std::chrono::milliseconds max_retry_after{60'000};  ///< a longer Retry-After ends the call at once

  /// After a lost answer to a start: the least time between the two looks that together permit sending it
  /// again, and between the lost connection's end and the second of them. 1 ms to 60 s. Shorter than a
  /// request may be under way, it permits a second start beside a first that is only late.
  std::chrono::milliseconds look_distance{500};
  bool within_budget = true;  ///< false: repeats neither ask the client's retry budget nor use it up
};

/// How many repeats a client affords, all its calls together, so that an outage is not multiplied by the
/// number of attempts. A bucket of tokens: each repeat takes one, and without one a call ends with the
/// failure it had. Repeats after a 429 with Retry-After take none: the rate gate paces those. Nor does a
/// repeat because a pooled connection was closed as it was used.
///
/// The defaults follow two published budgets: a full bucket as the AWS SDKs' standard retry mode has it (500
/// tokens, of which they take 5 a repeat; a client here carries hundreds of calls at once), and refilling as
/// Finagle's RetryBudget does (20 % of the requests, and at least 10 a second).
class MISTRAL_WORKFLOWS_EXPORT retry_budget_options {
 public:
  retry_budget_options();

  /// Repeats in a full bucket, as it is at the beginning; 0: no budget, nothing is refused.
  int capacity = 500;
  double per_success = 0.2;  ///< what a call that succeeds at its first attempt gives back; 0 to 1
  double per_second = 10;    ///< what time gives back; 0 or more
};

/// Limits that a client keeps by itself, before the server has to say 429. Who is over them waits in line,
/// first come first served, but cancel and terminate before the others. A stream counts while it connects,
/// until its answer has begun.
class MISTRAL_WORKFLOWS_EXPORT rate_options {
 public:
  rate_options();

  /// Attempts begun, repeats included, evenly spread; 0: no limit. At most 1,000,000.
  double requests_per_second = 0;
  int burst = 1;  ///< that many may begin at once after a pause; at least 1

  /// Requests begun and not answered, waiting for a connection included; 0: no limit.
  int max_in_flight = 0;
};

/// Options of a client. Every duration and limit must be positive where nothing else is said; `client`'s
/// constructor throws `invalid_argument` that names the member otherwise. A duration of more than a century
/// counts as one, here and in the options of calls and streams.
class MISTRAL_WORKFLOWS_EXPORT client_options {
 public:
  /// Supplies the API key: called before the first request, and again after a 401, on the executor of the
  /// call that needs it. Must not use the client it belongs to. Calls that wait at the same time share one
  /// question and its failure. It is cancelled (terminal) when nobody waits any more; a call's deadline and
  /// `close` do not wait for one that takes no cancellation.
  using key_supplier = std::function<boost::asio::awaitable<std::string>()>;

  /// Takes the addresses of a name, in the order to prefer them, or why there are none. May be called from
  /// any thread, also before the look-up function returns; once, or never, which holds no call past its
  /// deadline.
  using resolve_done = std::function<void(boost::system::error_code, std::vector<boost::asio::ip::address>)>;
  /// Starts to look `host` up, and does not wait. May be called from any thread; may not throw.
  using resolve_function = std::function<void(std::string host, resolve_done done)>;

  client_options();
  client_options(const client_options&);
  client_options(client_options&&) noexcept;
  client_options& operator=(const client_options&);
  client_options& operator=(client_options&&) noexcept;
  ~client_options();

  /// Sent as "Authorization: Bearer ...". Empty: the environment variable MISTRAL_API_KEY, read when the
  /// client is made.
  std::string api_key;
  /// In place of `api_key`, for keys that rotate; setting both is refused.
  key_supplier api_key_supplier;
  /// Scheme, host, optional port and optional path prefix. Empty: the environment variable
  /// MISTRAL_SERVER_URL, or else "https://api.mistral.ai".
  std::string server_url;
  /// Allows "http://" to a host that is not loopback. The API key then travels in clear text.
  bool allow_insecure_http = false;

  std::string user_agent;  ///< empty: "mistral-workflows-cpp/<version>"

  /// Sent with every request. Host, Authorization, Accept, Accept-Encoding, Content-Type, Content-Length,
  /// Transfer-Encoding and Connection are refused.
  std::vector<std::pair<std::string, std::string>> headers;

  tls_options tls;      ///< how the server is checked; by default against the system's roots
  proxy_options proxy;  ///< by default as the environment says

  /// In place of the system's getaddrinfo, which runs on a thread for each name, at most eight in an
  /// execution context: a name that hangs holds up only itself, and the end of the context until its look-up
  /// is a second old. Look-ups are shared by all who wait, and what they find is kept for 30 s. One that has
  /// hung for 30 s is begun again for who asks then, as long as fewer than four threads are in use.
  resolve_function resolve;
  retry_options retry;                ///< when a failed attempt is repeated, and how often
  retry_budget_options retry_budget;  ///< by default 500 repeats, 10 more a second
  rate_options rate;                  ///< by default none
  call_hooks hooks;                   ///< told of each attempt; by default none

  std::chrono::milliseconds call_deadline{60'000};  ///< one call with all its attempts, back-off and body

  /// `query` and `update` run code of the workflow's before they are answered.
  std::chrono::milliseconds handler_deadline{120'000};
  /// Name resolution, TCP, proxy and TLS of one connection.
  std::chrono::milliseconds connect_limit{10'000};
  std::chrono::milliseconds stream_idle_limit{60'000};  ///< a stream that is silent for longer reconnects

  /// A connection that is unused for longer, or for longer than its server's Keep-Alive says, is not used
  /// again. It is closed when the client is next used, or by `client::trim()`.
  std::chrono::milliseconds idle_connection_limit{55'000};
  std::chrono::milliseconds connection_lifetime{30 * 60 * 1'000};  ///< none is reused beyond this age

  int max_connections = 32;                 ///< open at once for calls
  int max_streams = 0;                      ///< open at once for streams; 0: no limit
  std::size_t max_body = 64 * 1024 * 1024;  ///< bytes of an answer's body; a history can be 50 MB
  std::size_t max_header = 64 * 1024;       ///< bytes of an answer's head; more than 1 GiB counts as that
  std::size_t max_json_depth = 256;         ///< nesting of an answer's JSON; more than 1,000 counts as that

  /// True leaves out the strand of each call. Only for an io_context that a single thread runs.
  bool single_threaded = false;
};

}  // namespace mistral::workflows
