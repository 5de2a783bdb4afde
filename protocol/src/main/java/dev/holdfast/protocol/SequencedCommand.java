package dev.holdfast.protocol;

import dev.holdfast.protocol.Command.ClientCommand;

/**
 * A command of a session.
 *
 * @param sequence names the command within its session, rising from 1; repeating a command under its sequence repeats
 *     its outcome, not its effect
 */
public record SequencedCommand(long sequence, ClientCommand command) {}
