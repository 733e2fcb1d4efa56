#include "bulk/run/batch_beside.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/test/unit_test.hpp>

#include <exception>
#include <functional>
#include <utility>

namespace test {
namespace {

asio::awaitable<void> consume(wf::async_generator<wf::bulk_outcome> from,
                              std::shared_ptr<std::optional<outcomes>> told) {
  *told = co_await all_of(std::move(from));
}

}  // namespace

batch_beside::batch_beside(batches& with, wf::bulk_source jobs, wf::bulk_options options)
    : batch_beside(with.io, with.bulk(), std::move(jobs), std::move(options)) {}

batch_beside::batch_beside(asio::io_context& io, const wf::bulk& by, wf::bulk_source jobs,
                           wf::bulk_options options)
    : control(options.control) {
  auto from = by.run("job", std::move(jobs), std::move(options));
  asio::co_spawn(io, consume(std::move(from), told_), [](std::exception_ptr e) { BOOST_TEST(!e); });
}

batch_beside::~batch_beside() {
  if (!is_over()) control.stop(wf::when_stopping::leave);
}

asio::awaitable<void> batch_beside::until_running(std::size_t jobs) const {
  const auto so_many_run = [this, jobs] { return control.progress().running == jobs; };
  co_await until(so_many_run);
}

asio::awaitable<outcomes> batch_beside::until_over() const {
  const auto it_is = [this] { return is_over(); };
  co_await until(it_is);
  co_return **told_;
}

asio::awaitable<outcomes> batch_beside::stopped(wf::when_stopping how) const {
  control.stop(how);
  co_return co_await until_over();
}

}  // namespace test
