// A batch that runs beside what a test does: its outcomes are taken as they come.
// Not for tests of how outcomes are taken: those call `next()` of the batch themselves.
#pragma once

#include "bulk/run/batch_support.hpp"

#include <mistral/workflows/bulk/bulk.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace test {

class batch_beside {
 public:
  /// A batch of the workflow "job", begun by the client of `with`.
  batch_beside(batches& with, wf::bulk_source jobs, wf::bulk_options options);
  /// By another client.
  batch_beside(asio::io_context& io, const wf::bulk& by, wf::bulk_source jobs, wf::bulk_options options);
  batch_beside(const batch_beside&) = delete;
  batch_beside& operator=(const batch_beside&) = delete;
  /// Stops it where a test has failed before its end, so that the context runs out of work.
  ~batch_beside();

  const wf::bulk_control control;

  bool is_over() const { return told_->has_value(); }
  /// All its outcomes; none before it is over.
  const std::optional<outcomes>& told() const { return *told_; }
  asio::awaitable<void> until_running(std::size_t jobs) const;
  /// What is told then.
  asio::awaitable<outcomes> until_over() const;
  /// The same, once it has been told to stop so.
  asio::awaitable<outcomes> stopped(wf::when_stopping how) const;

 private:
  std::shared_ptr<std::optional<outcomes>> told_ = std::make_shared<std::optional<outcomes>>();
};

}  // namespace test
