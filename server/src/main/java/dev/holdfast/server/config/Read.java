package dev.holdfast.server.config;

import com.typesafe.config.ConfigValue;

/** What was made of a value, and the value, which knows where it was said. */
record Read<T>(T value, ConfigValue said) {}
