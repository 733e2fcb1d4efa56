// The descriptions of deployments and workers.
// Not their codecs: those are instantiated in codec_deployment.cpp.
#pragma once

#include "protocol/json/codec/describe.hpp"

#include <mistral/workflows/model/deployment.hpp>

namespace mistral::workflows {

BOOST_DESCRIBE_STRUCT(deployment_location, (), (location_type, k8s_cluster, k8s_namespace))
BOOST_DESCRIBE_STRUCT(deployment_worker, (), (name, created_at, updated_at, is_active, location))
BOOST_DESCRIBE_STRUCT(worker_page, (), (workers, next_cursor))
BOOST_DESCRIBE_STRUCT(git_commit_author, (), (name, username, html_url))
BOOST_DESCRIBE_STRUCT(git_commit, (), (sha, message, author, html_url))
BOOST_DESCRIBE_STRUCT(worker_backend, (), (type, build_directory, dockerfile_path, entrypoint, working_dir))
BOOST_DESCRIBE_STRUCT(worker_spec_input, (), (github_url, revision, entrypoint, working_dir, backend_spec))
BOOST_DESCRIBE_STRUCT(worker_spec, (),
                      (github_url, type, revision, entrypoint, working_dir, restarted_at, commit_sha, commit,
                       backend_spec))
BOOST_DESCRIBE_STRUCT(worker_spec_patch, (), (github_url, revision, entrypoint, working_dir, backend_spec))
BOOST_DESCRIBE_STRUCT(deployment_resources, (),
                      (replicas, cpu_request, cpu_limit, memory_request, memory_limit))
BOOST_DESCRIBE_STRUCT(deployment_resources_patch, (),
                      (replicas, cpu_request, cpu_limit, memory_request, memory_limit))
BOOST_DESCRIBE_STRUCT(deployment_build_state, (),
                      (phase, commit_sha, image, message, started_at, finished_at))
BOOST_DESCRIBE_STRUCT(deployment_observed_state, (),
                      (phase, available_replicas, ready_replicas, endpoint, message, last_seen,
                       deployed_revision, generation, build_state))
BOOST_DESCRIBE_STRUCT(managed_deployment, (),
                      (service_id, name, spec, resources, status, created_at, updated_at, stopped,
                       rollout_status, created_by, updated_by, deployed_by, deployed_at, is_hardened, owner))
BOOST_DESCRIBE_STRUCT(deployment, (),
                      (id, name, is_active, is_hardened, created_at, updated_at, location, worker_count,
                       active_worker_count, locations, managed, owner))
BOOST_DESCRIBE_STRUCT(deployment_detail, (deployment), (workers))
BOOST_DESCRIBE_STRUCT(deployment_page, (), (deployments, next_cursor, workspace_id))
BOOST_DESCRIBE_STRUCT(deployment_create_body, (), (name, spec, resources, hardened))
BOOST_DESCRIBE_STRUCT(deployment_update_body, (), (spec, resources))
BOOST_DESCRIBE_STRUCT(worker_identity, (), (scheduler_url, namespace_))

namespace protocol {

template <>
inline constexpr auto keeps_others<worker_backend> = &worker_backend::others;
template <>
inline constexpr auto notes<worker_backend> =
    std::array{never_null("build_directory"), never_null("dockerfile_path"), never_null("entrypoint"),
               never_null("working_dir")};
template <>
inline constexpr auto keeps_others<worker_spec_input> = &worker_spec_input::others;
template <>
inline constexpr auto notes<worker_spec_input> = std::array{never_null("backend_spec")};
template <>
inline constexpr auto keeps_others<worker_spec> = &worker_spec::others;
template <>
inline constexpr auto notes<worker_spec> = std::array{defaulted("type"), never_null("backend_spec")};
template <>
inline constexpr auto keeps_others<deployment_resources> = &deployment_resources::others;
template <>
inline constexpr auto notes<deployment_observed_state> =
    std::array{defaulted("available_replicas"), defaulted("ready_replicas")};
template <>
inline constexpr auto notes<managed_deployment> =
    std::array{defaulted("stopped"), defaulted("is_hardened"), never_null("owner")};
template <>
inline constexpr auto notes<deployment> =
    std::array{defaulted("is_hardened"), defaulted("worker_count"), defaulted("active_worker_count"),
               defaulted("locations"), never_null("owner")};
template <>
inline constexpr auto notes<deployment_detail> =
    std::array{defaulted("is_hardened"), defaulted("worker_count"), defaulted("active_worker_count"),
               defaulted("locations"), never_null("owner")};
template <>
inline constexpr auto notes<deployment_create_body> = std::array{defaulted("hardened")};
template <>
inline constexpr auto notes<worker_identity> = std::array{renamed("namespace_", "namespace")};

using deployment_types =
    boost::mp11::mp_list<deployment_location, deployment_worker, worker_page, git_commit_author, git_commit,
                         worker_backend, worker_spec_input, worker_spec, worker_spec_patch,
                         deployment_resources, deployment_resources_patch, deployment_build_state,
                         deployment_observed_state, managed_deployment, deployment, deployment_detail,
                         deployment_page, deployment_create_body, deployment_update_body, worker_identity>;

}  // namespace protocol
}  // namespace mistral::workflows
