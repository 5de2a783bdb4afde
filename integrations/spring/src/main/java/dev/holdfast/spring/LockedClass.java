package dev.holdfast.spring;

import dev.holdfast.spring.Locked.SelfCalls;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.asm.Type;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/** The {@link Locked} methods of one bean's class, and what is wrong with them. */
final class LockedClass {
    private final Class<?> type;
    private final LockedMethods source;
    private final Set<String> problems = new LinkedHashSet<>();

    /** As they are in the class, with what was understood of them; no entry for those that made no sense. */
    private final Map<Method, LockedMethod> methods = new LinkedHashMap<>();

    private LockedClass(Class<?> type, LockedMethods source) {
        this.type = type;
        this.source = source;
    }

    static LockedClass read(Class<?> type, LockedMethods source) {
        LockedClass read = new LockedClass(type, source);
        if (AnnotationUtils.isCandidateClass(type, Locked.class)) {
            read.readMethods();
            if (!read.methods.isEmpty()) {
                read.readCalls();
            }
        }
        return read;
    }

    boolean any() {
        return !methods.isEmpty();
    }

    Set<String> problems() {
        return problems;
    }

    Set<Method> methods() {
        return methods.keySet();
    }

    /** One of them, for messages. */
    String someMethod() {
        return methods.keySet().iterator().next().getName();
    }

    private void readMethods() {
        for (Method method : declared()) {
            if (TokenParameters.isAny(method) && source.annotation(method, type) == null) {
                add(
                        method,
                        " is none: it has a @Token parameter, but no @Locked, so there is nothing to fill in. Add @Locked, or "
                                + "remove the @Token.");
            }
            if (method.isSynthetic() || !LockedMethods.specific(method, type).equals(method)) {
                continue;
            }
            if (source.annotation(method, type) != null) {
                String unreachable = unreachable(method);
                if (unreachable != null) {
                    add(method, unreachable);
                } else {
                    understand(method);
                }
            }
        }
    }

    private void understand(Method method) {
        try {
            LockedMethod understood = source.find(method, type);
            if (understood != null) {
                methods.put(method, understood);
                String reason = LifecycleMethods.reason(method, type);
                if (reason != null) {
                    lifecycle(understood, reason);
                }
            }
        } catch (RuntimeException e) {
            add(method, ": " + e.getMessage());
        }
    }

    private void lifecycle(LockedMethod method, String reason) {
        if (method.selfCalls() != SelfCalls.ALLOW) {
            add(method.method(), LifecycleMethods.problem(reason));
        }
    }

    /** What is wrong if Spring calls methods of these names when it makes or destroys the bean. */
    void requireNoneOf(List<String> names) {
        methods.forEach((method, understood) -> {
            if (method.getParameterCount() == 0 && names.contains(method.getName())) {
                lifecycle(understood, "its definition names it");
            }
        });
    }

    /** Why no proxy can take the lock; {@code null} if one can. */
    private @Nullable String unreachable(Method method) {
        int modifiers = method.getModifiers();
        if (Modifier.isPrivate(modifiers)) {
            return " is private, and no proxy can stand before it. Make it public, and call it through the bean's proxy.";
        }
        if (Modifier.isStatic(modifiers)) {
            return " is static, and no proxy can stand before it. Make it a method of the bean.";
        }
        if (Modifier.isFinal(modifiers)) {
            return " is final, and a proxy cannot override it. Remove the final.";
        }
        if (!Modifier.isPublic(modifiers) && !Modifier.isProtected(modifiers)) {
            return " is package-private, and a proxy overrides it only if the same class loader defines both. Make it public.";
        }
        return null;
    }

    private void add(Method method, String what) {
        problems.add("The @Locked method " + LockedMethod.describe(method) + what);
    }

    private void readCalls() {
        Map<String, Method> signatures = new LinkedHashMap<>();
        for (Method method : declared()) {
            Method specific = LockedMethods.specific(method, type);
            if (methods.containsKey(specific)) {
                signatures.put(signature(method), specific);
            }
        }
        Map<String, LockedMethod> callers = new LinkedHashMap<>();
        signatures.forEach((signature, method) -> callers.put(signature, methods.get(method)));
        for (Class<?> each : TokenParameters.hierarchy(type)) {
            // Nobody can change what an interface of the JDK does.
            if (each.getName().startsWith("java.")) {
                continue;
            }
            SelfCallsReader.Found found = SelfCallsReader.read(each, signatures.keySet());
            for (SelfCallsReader.Call call : found.calls()) {
                judge(each, call, callers);
            }
            for (SelfCallsReader.Call handedOver : found.handedOver()) {
                judgeHandedOver(each, handedOver);
            }
        }
    }

    private void judge(Class<?> where, SelfCallsReader.Call call, Map<String, LockedMethod> locked) {
        LockedMethod callee = locked.get(call.callee());
        LockedMethod caller = locked.get(call.caller());
        if (callee == null
                || callee.selfCalls() == SelfCalls.ALLOW
                || (caller != null && callee.isAlwaysUnder(caller))) {
            return;
        }
        add(
                callee.method(),
                " is called on 'this' in " + where.getName() + ", " + call.place()
                        + ", which goes past the bean's proxy, and so past the lock. Move the method to another bean, or inject the bean "
                        + "into itself (@Lazy) and call it on that; if it is meant to run without the lock there, say "
                        + "@Locked(selfCalls = ALLOW).");
    }

    /** {@code this} becomes the argument of somebody who may call its locked methods. */
    private void judgeHandedOver(Class<?> where, SelfCallsReader.Call call) {
        Class<?> parameter = resolve(call.callee(), where);
        if (parameter == null || !parameter.isAssignableFrom(type)) {
            return;
        }
        for (Method promised : parameter.getMethods()) {
            LockedMethod reached = methods.get(LockedMethods.specific(promised, type));
            if (reached != null && reached.selfCalls() != SelfCalls.ALLOW) {
                add(
                        reached.method(),
                        " can be called by whoever gets 'this' as a " + parameter.getName() + " in " + where.getName()
                                + ", "
                                + call.place()
                                + ", which goes past the bean's proxy, and so past the lock. Hand over the bean's proxy: inject the bean into "
                                + "itself (@Lazy); if that method is meant to run without the lock there, say "
                                + "@Locked(selfCalls = ALLOW).");
                return;
            }
        }
    }

    private static @Nullable Class<?> resolve(String internalName, Class<?> where) {
        try {
            return ClassUtils.forName(internalName.replace('/', '.'), where.getClassLoader());
        } catch (ClassNotFoundException | LinkageError e) {
            return null;
        }
    }

    private static String signature(Method method) {
        return method.getName() + Type.getMethodDescriptor(method);
    }

    /** All methods that a bean of the class has or inherits. */
    private List<Method> declared() {
        List<Method> declared = new ArrayList<>();
        for (Class<?> each : TokenParameters.hierarchy(type)) {
            declared.addAll(List.of(ReflectionUtils.getDeclaredMethods(each)));
        }
        return declared;
    }
}
