#include <mistral/workflows/execution_handle.hpp>

#include "api/result.hpp"

#include <mistral/workflows/error.hpp>

namespace mistral::workflows {

namespace asio = boost::asio;

execution_handle::execution_handle() = default;
execution_handle::execution_handle(std::shared_ptr<const session::client_handle> handle,
                                   std::string execution_id, std::string run_id,
                                   std::optional<std::chrono::steady_clock::time_point> begun_at)
    : handle_(std::move(handle)),
      id_(std::move(execution_id)),
      run_id_(std::move(run_id)),
      begun_at_(begun_at) {}
execution_handle::execution_handle(const execution_handle&) = default;
execution_handle::execution_handle(execution_handle&&) noexcept = default;
execution_handle& execution_handle::operator=(const execution_handle&) = default;
execution_handle& execution_handle::operator=(execution_handle&&) noexcept = default;
execution_handle::~execution_handle() = default;

executions_api execution_handle::api() const {
  if (!handle_) throw invalid_argument("execution_handle", "is of no execution");
  return executions_api(handle_);
}

asio::awaitable<execution> execution_handle::get(bool include_search_keys) const {
  return api().get(id_, include_search_keys);
}

asio::awaitable<boost::json::value> execution_handle::history(bool decode_payloads) const {
  return api().history(id_, decode_payloads);
}

asio::awaitable<signal_answer> execution_handle::signal(signal_request request) const {
  return api().signal(id_, std::move(request));
}

asio::awaitable<query_answer> execution_handle::query(query_request request) const {
  return api().query(id_, std::move(request));
}

asio::awaitable<update_answer> execution_handle::update(update_request request) const {
  return api().update(id_, std::move(request));
}

asio::awaitable<void> execution_handle::cancel() const { return api().cancel(id_, run()); }

asio::awaitable<void> execution_handle::terminate() const { return api().terminate(id_, run()); }

end_options execution_handle::run() const { return run_id_.empty() ? end_options() : end_options(run_id_); }

asio::awaitable<void> execution_handle::reset(reset_request request) const {
  return api().reset(id_, std::move(request));
}

event_stream execution_handle::events(stream_options options) const {
  return api().stream(id_, std::move(options));
}

asio::awaitable<boost::json::value> execution_handle::result(result_options options) const {
  static_cast<void>(api());  // refuses a handle of no execution
  return api::result(*handle_, id_, options, begun_at_);
}

}  // namespace mistral::workflows
