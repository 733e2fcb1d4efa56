// Ties a run that works by itself to the generator that hands out what it makes.
// Not a way to end it in order: whoever lets go of the generator leaves the run as a crash would.
#pragma once

#include <mistral/workflows/async_generator.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <string>
#include <utility>

namespace mistral::workflows::bulk_run {

template <class Run>
class left_when_gone {
 public:
  explicit left_when_gone(std::shared_ptr<Run> which) : run(std::move(which)) {}
  left_when_gone(const left_when_gone&) = delete;
  left_when_gone& operator=(const left_when_gone&) = delete;
  ~left_when_gone() { run->leave(); }

  const std::shared_ptr<Run> run;
};

/// Requires: `run->pull()`, an awaitable of an optional T, and `run->leave()`, which may be called on any
/// thread, and twice: as the generator is closed, and once no wait for an outcome is left either.
template <class T, class Run>
async_generator<T> generator_of(boost::asio::any_io_executor strand, std::string operation,
                                std::shared_ptr<Run> run) {
  auto on_close = [weak = std::weak_ptr<Run>(run)] {
    if (const auto closed = weak.lock()) closed->leave();
  };
  auto kept = std::make_shared<left_when_gone<Run>>(std::move(run));
  auto pull = [kept] { return kept->run->pull(); };
  return async_generator<T>(std::move(strand), std::move(operation), std::move(pull), std::move(on_close));
}

}  // namespace mistral::workflows::bulk_run
