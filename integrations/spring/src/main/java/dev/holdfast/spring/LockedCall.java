package dev.holdfast.spring;

import java.lang.reflect.Method;

/** The root object of a {@link Locked#key} expression: its properties can be used without a prefix. */
public final class LockedCall {
    private final Object target;
    private final Method method;

    LockedCall(Object target, Method method) {
        this.target = target;
        this.method = method;
    }

    /** The bean, without its proxy. */
    public Object getTarget() {
        return target;
    }

    /** The method that is called. */
    public Method getMethod() {
        return method;
    }
}
