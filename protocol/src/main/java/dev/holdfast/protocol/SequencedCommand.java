package dev.holdfast.protocol;

import dev.holdfast.protocol.Command.ClientCommand;

/**
 * A command of a session.
 *
 * @param sequence identifies the command within its session, rising from 1; a command repeated under its sequence gets
 *     the same outcome again and has no further effect
 */
public record SequencedCommand(long sequence, ClientCommand command) {}
