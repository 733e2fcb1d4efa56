// What the tests of batches share: a local server with one
// workflow that does what its job says, and outcomes by key.
// Nothing of the library's insides, but for the journal without a store.
#pragma once

#include "bulk/memory_journal.hpp"

#include <mistral/workflows.hpp>
#include <mistral/workflows/bulk/bulk.hpp>
#include <mistral/workflows/testing/local_server.hpp>
#include <mistral/workflows/testing/workflow_definition.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace test {

namespace asio = boost::asio;
namespace json = boost::json;
namespace wf = mistral::workflows;

/// The workflow is "job". Its input says what to do: "echo" returns `value`; "fail"
/// fails with `value`; "wait" returns when the signal "go" comes; "stay" too, and takes
/// no notice of a cancellation; "renew" continues as new, and waits then; "move" the same under another
/// execution id; "pick" wants the schema's member
/// `value` to be a number.
class batches {
 public:
  /// `manual_clock`: of the server; it stands still until it is moved.
  explicit batches(bool manual_clock = false);

  wf::client_options client_options() const;
  /// The same; each key is what `key` returns, or throws.
  wf::client_options supplied(std::function<std::string()> key) const;
  wf::bulk bulk() const { return wf::bulk(client); }

  /// A journal of its own for each life of a batch, over one store.
  std::shared_ptr<wf::bulk_journal> journal() const { return wf::bulk_core::open_memory_journal(store); }
  /// A batch that was left lets go of its journal soon after, on its strand.
  asio::awaitable<void> journal_is_free();
  /// With short intervals, for a batch of that name with a journal.
  wf::bulk_options options(std::string batch = "nightly") const;
  wf::bulk_options without_journal(std::string batch = "nightly") const;

  wf::testing::local_server server;
  asio::io_context io;
  wf::client client;
  std::shared_ptr<wf::bulk_core::memory_store> store = wf::bulk_core::make_memory_store();

  /// Runs the context until nothing is left to do, and throws what
  /// the body threw. That it returns proves that nothing hangs.
  void run(std::function<asio::awaitable<void>()> body);

  template <class Error>
  Error error_of(std::function<asio::awaitable<void>()> body) {
    try {
      run(std::move(body));
    } catch (const Error& e) {
      return e;
    }
    throw std::logic_error("no error came");
  }

  /// How many executions the server has started, and of this job.
  std::int64_t starts() const { return server.done("started"); }
  std::int64_t starts(const std::string& batch, const std::string& key) const {
    return server.done("started", wf::bulk_execution_id(batch, key));
  }

  /// Lets the jobs go on that wait.
  asio::awaitable<void> let_go(std::string batch, std::vector<std::string> keys);
  /// Waits until a job "renew" has, and waits.
  asio::awaitable<void> goes_on_as_another(std::string batch, std::string key);
  /// Of the server's only job, a "move", the execution id that it goes on under.
  asio::awaitable<std::string> goes_on_elsewhere(std::string batch, std::string key);
  asio::awaitable<wf::open_enum<wf::execution_status>> status_of(std::string batch, std::string key);
};

wf::bulk_job job(std::string key, std::string what, json::value value = json::value());
/// Keys "1", "2", ... of jobs that all do this.
std::vector<wf::bulk_job> jobs(std::size_t count, const std::string& what = "echo");
/// Those from `first` to `last`.
std::vector<std::string> keys(int first, int last);
std::vector<std::string> keys_of(const std::vector<wf::bulk_job>& all);

/// All that come until the end; a key that comes twice fails the test.
using outcomes = std::map<std::string, wf::bulk_outcome>;
asio::awaitable<outcomes> all_of(wf::async_generator<wf::bulk_outcome> from);
/// The first `count` of them; the batch is left then.
asio::awaitable<outcomes> first_of(wf::async_generator<wf::bulk_outcome> from, std::size_t count);
std::size_t count(const outcomes& of, wf::bulk_status status);

/// Looks again and again, with the other work of the context in between; fails the test after 20 s.
asio::awaitable<void> until(std::function<bool()> holds);

}  // namespace test
