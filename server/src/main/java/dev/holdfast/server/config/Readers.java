package dev.holdfast.server.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import dev.holdfast.client.remote.HostPort;
import dev.holdfast.node.Member;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads values. All accept a string too, because an override is one. */
final class Readers {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})\\s*(ms|s|min)");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})\\s*(KiB|MiB|GiB)");
    private static final Pattern JOIN_TOKEN = Pattern.compile("join-[0-9a-f]{32}");
    private static final Pattern NUMBER = Pattern.compile("\\d{1,18}");

    /** Says more exactly than "not allowed" what is wrong, perhaps with only a part of the value. */
    static final class WrongPartException extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;
        private final transient ConfigValue part;

        WrongPartException(ConfigValue part, String why) {
            super(why);
            this.part = part;
        }

        ConfigValue part() {
            return part;
        }
    }

    static Setting.Reader<String> text() {
        return value -> {
            String text = scalar(value);
            if (text.isBlank()) {
                throw new IllegalArgumentException();
            }
            return text;
        };
    }

    static Setting.Reader<String> anyText() {
        return Readers::scalar;
    }

    /** A list, or one string of its elements with commas between them; what is empty is left out. */
    static Setting.Reader<List<String>> texts() {
        return value -> {
            List<String> texts = new ArrayList<>();
            if (value instanceof ConfigList list) {
                list.forEach(element -> texts.add(scalar(element).strip()));
            } else {
                Arrays.stream(scalar(value).split(",")).forEach(part -> texts.add(part.strip()));
            }
            texts.removeIf(String::isEmpty);
            return texts;
        };
    }

    /** The same, of at least one of those. */
    static Setting.Reader<List<String>> among(String... allowed) {
        return value -> {
            List<String> texts = texts().read(value);
            if (texts.isEmpty() || !List.of(allowed).containsAll(texts)) {
                throw new IllegalArgumentException();
            }
            return texts;
        };
    }

    static Setting.Reader<String> name() {
        return value -> match(NAME, value).group();
    }

    static Setting.Reader<Boolean> bool() {
        return value -> switch (scalar(value)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException();
        };
    }

    static Setting.Reader<Long> number(long min, long max) {
        return value -> {
            long number = Long.parseLong(match(NUMBER, value).group());
            if (number < min || number > max) {
                throw new IllegalArgumentException();
            }
            return number;
        };
    }

    static Setting.Reader<Duration> duration(String min, String max) {
        return value -> {
            Duration duration = toDuration(match(DURATION, value));
            if (duration.compareTo(toDuration(matched(DURATION, min))) < 0
                    || duration.compareTo(toDuration(matched(DURATION, max))) > 0) {
                throw new IllegalArgumentException();
            }
            return duration;
        };
    }

    /** Nothing for "never". */
    static Setting.Reader<Optional<Duration>> durationOrNever(String min, String max) {
        Setting.Reader<Duration> duration = duration(min, max);
        return value -> scalar(value).equals("never") ? Optional.empty() : Optional.of(duration.read(value));
    }

    /** Where to listen, or nothing. */
    static Setting.Reader<Optional<HostPort>> addressOrNone() {
        return value -> scalar(value).isEmpty() ? Optional.empty() : Optional.of(HostPort.parse(scalar(value)));
    }

    /** A constant, by its name in small letters. */
    static <E extends Enum<E>> Setting.Reader<E> oneOf(Class<E> constants) {
        return value -> {
            String text = scalar(value);
            return Arrays.stream(constants.getEnumConstants())
                    .filter(each -> each.name().toLowerCase(Locale.ROOT).equals(text))
                    .findFirst()
                    .orElseThrow(IllegalArgumentException::new);
        };
    }

    static boolean isJoinToken(String text) {
        return JOIN_TOKEN.matcher(text).matches();
    }

    /** What is none is not shown: it may be one with something too much. */
    static Setting.Reader<String> joinToken() {
        return value -> {
            String text = scalar(value);
            if (!text.isEmpty() && !isJoinToken(text)) {
                throw new WrongPartException(
                        value, "that is no join token; allowed: what \"holdfast members token\" printed");
            }
            return text;
        };
    }

    /** In bytes. */
    static Setting.Reader<Long> size(String min, String max) {
        return value -> {
            long bytes = toBytes(match(SIZE, value));
            if (bytes < toBytes(matched(SIZE, min)) || bytes > toBytes(matched(SIZE, max))) {
                throw new IllegalArgumentException();
            }
            return bytes;
        };
    }

    /** Each with the value that it was read from, for problems that are found later. */
    static Setting.Reader<List<Read<Member>>> members() {
        return value -> {
            List<Read<Member>> members = new ArrayList<>();
            if (value instanceof ConfigList list) {
                list.forEach(element -> members.add(member(scalar(element), element)));
            } else {
                Arrays.stream(scalar(value).split(",")).forEach(part -> members.add(member(part.strip(), value)));
            }
            if (members.isEmpty()) {
                throw new IllegalArgumentException();
            }
            return members;
        };
    }

    private static Read<Member> member(String text, ConfigValue said) {
        try {
            return new Read<>(Member.parse(text), said);
        } catch (IllegalArgumentException e) {
            throw new WrongPartException(said, String.valueOf(e.getMessage()));
        }
    }

    private static Duration toDuration(Matcher matcher) {
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            default -> Duration.ofMinutes(number);
        };
    }

    private static long toBytes(Matcher matcher) {
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "KiB" -> number << 10;
            case "MiB" -> number << 20;
            default -> number << 30;
        };
    }

    private static Matcher match(Pattern pattern, ConfigValue value) {
        return matched(pattern, scalar(value));
    }

    private static Matcher matched(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException();
        }
        return matcher;
    }

    private static String scalar(ConfigValue value) {
        if (value.valueType() == ConfigValueType.OBJECT || value.valueType() == ConfigValueType.LIST) {
            throw new IllegalArgumentException();
        }
        return String.valueOf(value.unwrapped());
    }

    private Readers() {}
}
