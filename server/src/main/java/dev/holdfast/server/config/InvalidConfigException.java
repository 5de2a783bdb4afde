package dev.holdfast.server.config;

import java.util.List;

/** A configuration that cannot be used. The message has a line for each thing that is wrong with it. */
public final class InvalidConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    InvalidConfigException(List<String> problems) {
        super(String.join("\n", problems));
    }
}
