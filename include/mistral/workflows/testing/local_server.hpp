// A Workflows server in this process: real HTTP and TLS on loopback, real state, workflows in C++ coroutines.
// Not a mock: it answers as the API does, also to other clients, and misbehaves only when told to.
#pragma once

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/testing/fault.hpp>
#include <mistral/workflows/testing/workflow_definition.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The local server, and what it is told.
namespace mistral::workflows::testing {

/// What is wrong with the certificate that the server shows, if anything.
enum class certificate_kind {
  good,         ///< for localhost, 127.0.0.1 and ::1, signed by the CA of `ca_pem()`
  expired,      ///< as `good`, but its time is over
  wrong_host,   ///< for wrong.example
  self_signed,  ///< signed by itself; `ca_pem()` did not sign it
  unknown_ca,   ///< signed by a CA that is not the one of `ca_pem()`
  common_name,  ///< for localhost by its common name alone, without a subjectAltName
};

/// A version of TLS.
enum class tls_version { tls_1_0, tls_1_1, tls_1_2, tls_1_3 };

/// What a local server is made with.
struct MISTRAL_WORKFLOWS_EXPORT local_server_options {
  local_server_options();
  ~local_server_options();
  local_server_options(const local_server_options&);
  local_server_options& operator=(const local_server_options&);

  std::uint16_t port = 0;  ///< 0: any that is free; bound on loopback only
  bool tls = true;         ///< false: plain HTTP

  /// What is wrong with it, if anything; default: nothing.
  certificate_kind certificate = certificate_kind::good;
  tls_version minimum_tls = tls_version::tls_1_2;  ///< the oldest version that is spoken; default: 1.2
  tls_version maximum_tls = tls_version::tls_1_3;  ///< the newest version that is spoken; default: 1.3
  bool session_tickets = true;                     ///< false: no TLS session can be resumed
  bool client_certificate = false;  ///< true: a handshake fails without one (any certificate will do)
  std::filesystem::path ca_file;    ///< where to write the CA as PEM; empty: nowhere

  /// Where state outlives the process, and the good certificate with it; empty: in memory only.
  std::filesystem::path state_folder;
  std::optional<std::string> api_key;           ///< the only key that is taken; unset: any, or none
  bool manual_clock = false;                    ///< true: workflows' time stands still but for `advance`
  std::size_t request_limit = 8 * 1024 * 1024;  ///< bytes of a request body; more is answered with 413

  /// Starts by an execute that are taken in a second of the workflows' clock (in one go at most those of a
  /// second); what is more is answered with 429 and `Retry-After` in whole seconds. 0: no limit.
  double starts_per_second = 0;
  /// Starts by an execute that are taken in all, from this server's beginning; what is more is answered with
  /// 402. Unset: no limit.
  std::optional<std::int64_t> start_quota;

  /// Of a silent stream; 0: no comments.
  std::chrono::milliseconds comment_interval = std::chrono::seconds(15);
  /// Known before the first request is taken.
  std::vector<workflow_definition> workflows;

  /// Called for each request that was carried out, with the status of its answer and before a byte of that is
  /// sent; not for requests that a fault answered or closed, and not where no route matched. On the server's
  /// thread; must not call the server.
  std::function<void(const seen_request& request, int status)> on_carried_out;
};

/// What a server has seen so far. Operations are named "workflows.list", "executions.get" and so on, see
/// `local_server`.
struct MISTRAL_WORKFLOWS_EXPORT server_counts {
  server_counts() = default;

  int connections_accepted = 0;    ///< since the start
  int connections_open = 0;        ///< accepted and not closed
  int connections_idle = 0;        ///< open, handshake done, no request under way
  int handshakes_full = 0;         ///< with a new session
  int handshakes_resumed = 0;      ///< of an earlier session
  int handshakes_failed = 0;       ///< not completed
  int requests_in_work = 0;        ///< read and not answered to the end; streams count
  int streams_open = 0;            ///< whose head has been sent
  int streams_opened = 0;          ///< ever
  std::int64_t stream_events = 0;  ///< written to streams
  int starts_too_fast = 0;         ///< answered with 429 by `starts_per_second`
  int starts_over_quota = 0;       ///< answered with 402 by `start_quota`

  /// Read, by operation; what no route matches stands under "none"
  std::map<std::string, int, std::less<>> requests;
  std::map<std::string, int, std::less<>> answered;  ///< answered to the end as intended, by operation

  /// How many requests of that operation were read.
  int requests_of(std::string_view operation) const;
  /// How many of that operation were answered to the end.
  int answered_of(std::string_view operation) const;
};

/// The server. It runs on a thread of its own from construction to `stop`; all members may be called from any
/// thread (but not from within a workflow).
///
/// Operations have the names of the client's calls:
/// workflows.{list,get,update,execute,archive,unarchive,bulk_archive,bulk_unarchive},
/// registrations.{list,get,execute}, metrics.get,
/// executions.{get,history,signal,query,update,cancel,terminate,batch_cancel,
/// batch_terminate,reset,stream,logs,stream_logs,trace_info,trace_otel,trace_summary,trace_events},
/// runs.{list,get,history}, events.{list,stream},
/// schedules.{list,create,get,update,remove,pause,resume,trigger},
/// deployments.{list,create,get,update,remove,stop,start,restart,workers,logs,stream_logs}, workers.whoami.
///
/// Schedules start their workflows on the workflows' clock, by the rules of the scheduler behind the API:
/// calendars, intervals (of a second or more) and cron expressions of five fields in any mix, in any zone of
/// the system's time zone database. A day must match both day fields of a calendar or an expression; a time
/// that wall clocks skip in spring is left out, one that they show twice in autumn counts twice. What was
/// missed is made up for within the catch-up window, at least for the last 10 s. A trigger is kept back
/// neither by a pause nor by `max_executions`, which counts from the schedule's creation and not what
/// triggers started.
///
/// A deployment that is created is built for 2 s and rolled out for 1 s of the workflows' clock, and runs
/// from then on; `phase` says "building", "deploying", "running", "stopping", "stopped". A change of what
/// runs does the same again, a change of resources, a start and a restart roll out alone; stopping takes 1 s,
/// a deletion no time. Nothing is really built: its workers exist on paper. Workflows that name a deployment
/// in their definition make one of their own, with one local worker.
///
/// What was changed about a workflow through the API outlives a restart and goes before its definition. An
/// archived workflow can still be executed: archiving hides it from lists that ask for that. Logs and search
/// keys are what workflows write (workflow_context), metrics and traces are made from what ran.
///
/// Errors: `boost::system::system_error` from the constructor when the port is taken, a file cannot be
/// written or the state folder cannot be read.
class MISTRAL_WORKFLOWS_EXPORT local_server {
 public:
  /// Listens when it returns.
  explicit local_server(local_server_options options = local_server_options());
  /// As `stop`.
  ~local_server();
  local_server(const local_server&) = delete;
  local_server& operator=(const local_server&) = delete;

  /// Makes a workflow known, in place of one of the same name. Executions of that name found in the state
  /// folder go on.
  void add_workflow(workflow_definition definition);

  /// "https://localhost:PORT" or "http://localhost:PORT", without a slash at the end.
  std::string url() const;
  /// The port that it listens on.
  std::uint16_t port() const;
  /// The certificate of the CA to trust, as PEM; empty without TLS.
  std::string ca_pem() const;

  /// Closes everything and ends the thread; state in a state folder stays. The second call does nothing. Not
  /// while another thread is in a member.
  void stop();

  // --- misbehaving

  /// What is to go wrong.
  fault_list& faults();
  /// Closes the connections on which no request is under way.
  void close_idle_connections(ending how = ending::clean);
  /// Closes all connections, streams too.
  void close_connections(ending how = ending::reset);
  /// Closes the listening socket, or opens it again on the same port. Open connections stay.
  void refuse_connections(bool refuse = true);
  /// Closes the next `count` connections as soon as the client has sent the first byte of its handshake.
  void break_handshakes(int count);
  /// Never answers the first message of the next `count` handshakes.
  void stall_handshakes(int count);

  // --- limits, as in local_server_options

  /// From now on; 0: no limit.
  void set_starts_per_second(double starts);
  /// In all, those made already counted.
  void set_start_quota(std::optional<std::int64_t> starts);

  // --- looking on

  /// How often the server *did* an operation, as opposed to being asked: "workflows.execute",
  /// "executions.signal" and so on (a batch counts each id under the single operation), and "started" for
  /// each start of an execution however it came about. With a state folder this counts from its beginning.
  std::int64_t done(std::string_view operation) const;
  /// The same for one execution.
  std::int64_t done(std::string_view operation, std::string_view execution_id) const;
  /// All of them.
  std::map<std::string, std::int64_t, std::less<>> done() const;
  /// One of them for each execution id that it was done for.
  std::map<std::string, std::int64_t, std::less<>> done_by_execution(std::string_view operation) const;

  /// The `broker_sequence` of the last event, which is how many events there are. With a state folder this
  /// counts from its beginning.
  std::int64_t last_sequence() const;

  /// What it has seen so far.
  server_counts counts() const;
  /// What is waited for; called on the server's thread.
  using condition = std::function<bool(const server_counts&)>;
  /// Blocks until the condition holds; false if that took longer. The condition must not call the server.
  bool wait_until(condition holds, std::chrono::milliseconds limit = std::chrono::seconds(20)) const;
  /// Completes when the condition holds (it is evaluated on the server's thread); `operation_aborted` when
  /// the server stops first.
  /// Cancel: total.
  boost::asio::awaitable<void> until(condition holds) const;
  /// Blocks until `count` requests of this operation have been read since the start.
  bool wait_for_requests(std::string_view operation, int count,
                         std::chrono::milliseconds limit = std::chrono::seconds(20)) const;

  // --- time

  /// Moves the workflows' clock, with `manual_clock` only, and returns when what was due has been started. On
  /// the way it stops at each instant at which something is due until all that can happen without time has
  /// happened.
  void advance(std::chrono::nanoseconds time);

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace mistral::workflows::testing
