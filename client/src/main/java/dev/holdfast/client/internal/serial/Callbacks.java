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
 * @param elections listeners of elections, which may run for as long as a candidate leads. Never the users' executor, all of whose
 *     threads they might keep
 * @param alarms interrupts of threads whose holds are about to be lost, which may run what classes of users do then: close a
 *     channel, say. Never the users' executor
 */
public record Callbacks(
        Executor usual, Executor sessions, Executor losses, Executor signals, Executor elections, Executor alarms) {}
