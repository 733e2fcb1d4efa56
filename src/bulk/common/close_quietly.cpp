#include "bulk/common/close_quietly.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <utility>

namespace mistral::workflows::bulk_run {
namespace asio = boost::asio;

namespace {

asio::awaitable<void> close_and_forget(std::shared_ptr<bulk_journal> journal) { co_await journal->close(); }

}  // namespace

void close_quietly(const asio::any_io_executor& executor, std::shared_ptr<bulk_journal> journal) {
  // A journal that cannot be closed takes that as it takes a crash.
  asio::co_spawn(executor, close_and_forget(std::move(journal)), [](std::exception_ptr) {});
}

}  // namespace mistral::workflows::bulk_run
