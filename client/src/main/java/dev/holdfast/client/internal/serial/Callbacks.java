package dev.holdfast.client.internal.serial;

import java.util.concurrent.Executor;

/**
 * Where the code of users runs. Executors that throw nothing and do not block, whatever the tasks do; each has threads of its
 * own, so that tasks of one which block do not hold up those of another.
 *
 * @param usual stages of asynchronous operations, the hooks before that, and news of holds that are suspect or asked for
 * @param sessions listeners of sessions
 * @param losses listeners of lost holds
 * @param signals stages that complete when a hold is lost
 */
public record Callbacks(Executor usual, Executor sessions, Executor losses, Executor signals) {}
