package dev.holdfast.spring;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.LockableKeys;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.fencing.FencingToken;
import dev.holdfast.spring.Locked.OnLoss;
import dev.holdfast.spring.Locked.OnRefused;
import dev.holdfast.spring.Locked.SelfCalls;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;

/** What {@link Locked} says of one method, understood and checked. */
final class LockedMethod {
    private final Method method;
    private final String name;
    private final @Nullable KeyExpression key;
    private final AcquireOptions options;
    private final OnRefused onRefused;
    private final OnLoss onLoss;
    private final SelfCalls selfCalls;
    private final List<Integer> tokens = new ArrayList<>();

    /**
     * @param type the bean's class
     * @throws IllegalArgumentException if it makes no sense; the message does not name the method
     */
    LockedMethod(Method method, Class<?> type, Locked locked, ConfigurableBeanFactory beans) {
        LateResults.refuse(method);
        this.method = method;
        this.name = resolve("name", locked.name(), beans);
        String expression = resolve("key", locked.key(), beans);
        this.key = expression.isEmpty() ? null : new KeyExpression(expression, method, beans);
        this.options = options(resolve("waitFor", locked.waitFor(), beans), resolve("ttl", locked.ttl(), beans));
        this.onRefused = locked.onRefused();
        this.onLoss = locked.onLoss();
        this.selfCalls = locked.selfCalls();
        if (onRefused == OnRefused.SKIP) {
            SkippedResult.requireOne(method.getReturnType());
        }
        for (int i : TokenParameters.of(method, type)) {
            requireTokenType(method.getParameters()[i]);
            tokens.add(i);
        }
        lockable(List.of());
    }

    private static String resolve(String attribute, String text, ConfigurableBeanFactory beans) {
        String resolved;
        try {
            resolved = beans.resolveEmbeddedValue(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(attribute + " \"" + text + "\": " + e.getMessage(), e);
        }
        if (resolved == null || resolved.contains("${")) {
            throw new IllegalArgumentException(
                    attribute + " \"" + text + "\" has a placeholder that no property source resolves");
        }
        return resolved.strip();
    }

    private static AcquireOptions options(String wait, String ttl) {
        AcquireOptions options = AcquireOptions.defaults();
        try {
            if (!ttl.isEmpty()) {
                options = options.ttl(Durations.parse(ttl));
            }
            if (wait.equals("forever")) {
                return options.waitForever();
            }
            return wait.isEmpty() ? options : options.wait(Durations.parse(wait));
        } catch (IllegalArgumentException | LockRequestRejectedException e) {
            throw new IllegalArgumentException("waitFor \"" + wait + "\", ttl \"" + ttl + "\": " + e.getMessage(), e);
        }
    }

    private static void requireTokenType(Parameter parameter) {
        Class<?> type = parameter.getType();
        if (type != long.class && type != Long.class && type != FencingToken.class && type != LockHandle.class) {
            throw new IllegalArgumentException("the parameter " + parameter.getName() + " is a @Token of type "
                    + type.getName() + ": it can be a long, a Long, a FencingToken or a LockHandle");
        }
    }

    Method method() {
        return method;
    }

    AcquireOptions options() {
        return options;
    }

    /** How long the hold is to live at least; empty if as long as the client. */
    Optional<Duration> ttl() {
        return options.ttl();
    }

    OnRefused onRefused() {
        return onRefused;
    }

    OnLoss onLoss() {
        return onLoss;
    }

    SelfCalls selfCalls() {
        return selfCalls;
    }

    /** Whether the other is under the same lock in any case. */
    boolean isAlwaysUnder(LockedMethod other) {
        return key == null && other.key == null && name.equals(other.name);
    }

    /** @throws LockKeyException if the key's expression has no value that can be a key */
    Lockable lockable(Object target, @Nullable Object[] arguments) {
        if (key == null) {
            return lockable(List.of());
        }
        List<String> parts = key.parts(target, arguments);
        try {
            return lockable(parts);
        } catch (LockRequestRejectedException e) {
            throw new LockKeyException(
                    "The key of the @Locked method " + describe(method) + " cannot be locked: " + e.getMessage(), e);
        }
    }

    private Lockable lockable(List<String> keyParts) {
        List<String> parts = new ArrayList<>();
        parts.add(name);
        parts.addAll(keyParts);
        if (name.isEmpty()) {
            throw new IllegalArgumentException("it has no name");
        }
        return new Lockable(name, LockableKeys.join(parts));
    }

    /** The arguments with what the call holds filled in; the same array if there is nothing to fill in. */
    @Nullable
    Object[] withToken(@Nullable Object[] arguments, LockHandle held) {
        if (tokens.isEmpty()) {
            return arguments;
        }
        @Nullable Object[] filled = arguments.clone();
        for (int i : tokens) {
            Object value = token(method.getParameterTypes()[i], held);
            Object given = arguments[i];
            if (given != null && !given.equals(0L) && !given.equals(value)) {
                throw new IllegalArgumentException("The @Token parameter " + method.getParameters()[i].getName()
                        + " of "
                        + describe(method) + " was called with " + given
                        + ", but it is filled in with what the call holds, "
                        + value + ". Pass null or 0; for somebody else's token use a parameter without @Token.");
            }
            filled[i] = value;
        }
        return filled;
    }

    private static Object token(Class<?> type, LockHandle held) {
        if (type == LockHandle.class) {
            return held;
        }
        return type == FencingToken.class ? FencingToken.of(held) : (Object) held.token();
    }

    static String describe(Method method) {
        return method.getDeclaringClass().getName() + "."
                + method.getName()
                + Arrays.stream(method.getParameterTypes())
                        .map(Class::getSimpleName)
                        .collect(Collectors.joining(", ", "(", ")"));
    }
}
