package dev.holdfast.spring;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.context.expression.BeanFactoryResolver;
import org.springframework.context.expression.MethodBasedEvaluationContext;
import org.springframework.core.DefaultParameterNameDiscoverer;
import org.springframework.core.ParameterNameDiscoverer;
import org.springframework.expression.EvaluationException;
import org.springframework.expression.ParseException;
import org.springframework.expression.spel.SpelNode;
import org.springframework.expression.spel.ast.CompoundExpression;
import org.springframework.expression.spel.ast.Indexer;
import org.springframework.expression.spel.ast.InlineMap;
import org.springframework.expression.spel.ast.MethodReference;
import org.springframework.expression.spel.ast.Projection;
import org.springframework.expression.spel.ast.PropertyOrFieldReference;
import org.springframework.expression.spel.ast.Selection;
import org.springframework.expression.spel.ast.VariableReference;
import org.springframework.expression.spel.standard.SpelExpression;
import org.springframework.expression.spel.standard.SpelExpressionParser;
import org.springframework.util.ObjectUtils;

/** The expression of one method's key: parsed once, and checked as far as that goes without a call. */
final class KeyExpression {
    private static final ParameterNameDiscoverer NAMES = new DefaultParameterNameDiscoverer();
    private static final Set<String> ROOT_PROPERTIES = Set.of("target", "method");

    private final Method method;
    private final BeanFactory beans;
    private final String text;
    private final SpelExpression expression;

    /** @throws IllegalArgumentException if it cannot be parsed, or names what is not there */
    KeyExpression(String text, Method method, BeanFactory beans) {
        this.method = method;
        this.beans = beans;
        this.text = text;
        try {
            this.expression = new SpelExpressionParser().parseRaw(text);
        } catch (ParseException | IllegalStateException e) {
            throw new IllegalArgumentException(
                    "the key \"" + text + "\" is not a SpEL expression: " + e.getMessage(), e);
        }
        checkVariables();
        checkRoots(expression.getAST());
    }

    private void checkVariables() {
        Set<String> known = new HashSet<>(Set.of("root", "this"));
        for (int i = 0; i < method.getParameterCount(); i++) {
            known.add("p" + i);
            known.add("a" + i);
        }
        String[] names = NAMES.getParameterNames(method);
        if (names != null) {
            known.addAll(List.of(names));
        }
        for (String used : variables(expression.getAST(), new ArrayList<>())) {
            if (!known.contains(used)) {
                throw new IllegalArgumentException("the key \"" + text + "\" names #" + used + ", but "
                        + (names == null
                                ? "the class was compiled without -parameters, so the names of its parameters are not known: compile it "
                                        + "with that, or use #p0, #p1"
                                : "the method's parameters are " + List.of(names)));
            }
        }
    }

    private static List<String> variables(SpelNode node, List<String> found) {
        if (node instanceof VariableReference) {
            found.add(node.toStringAST().substring(1));
        }
        for (int i = 0; i < node.getChildCount(); i++) {
            variables(node.getChild(i), found);
        }
        return found;
    }

    /** A name without a {@code #} is mostly a parameter whose {@code #} was forgotten. */
    private void checkRoots(SpelNode node) {
        if (node instanceof PropertyOrFieldReference property && !ROOT_PROPERTIES.contains(property.getName())) {
            throw new IllegalArgumentException("the key \"" + text + "\" names '" + property.getName()
                    + "', which is neither "
                    + "'target' nor 'method': write #" + property.getName() + " for a parameter, '" + property.getName()
                    + "' in quotes for a text, or target." + property.getName() + " for a property of the bean");
        }
        if (node instanceof MethodReference) {
            throw new IllegalArgumentException("the key \"" + text + "\" calls " + node.toStringAST()
                    + " on nothing: write target." + node.toStringAST() + " for a method of the bean");
        }
        for (int i = 0; i < node.getChildCount(); i++) {
            boolean chained = node instanceof CompoundExpression && i > 0;
            SpelNode child = node.getChild(i);
            if (chained) {
                checkArguments(child);
            } else if (!hasNamesOfItsOwn(node)) {
                checkRoots(child);
            }
        }
    }

    private void checkArguments(SpelNode link) {
        for (int i = 0; i < link.getChildCount() && !hasNamesOfItsOwn(link); i++) {
            checkRoots(link.getChild(i));
        }
    }

    /** Whether what stands in its brackets is about each element, or names an entry. */
    private static boolean hasNamesOfItsOwn(SpelNode node) {
        return node instanceof Selection
                || node instanceof Projection
                || node instanceof Indexer
                || node instanceof InlineMap;
    }

    /**
     * The parts of the key for that call.
     *
     * @throws LockKeyException if there is no key in it
     */
    List<String> parts(Object target, @Nullable Object[] arguments) {
        Object value;
        try {
            MethodBasedEvaluationContext context =
                    new MethodBasedEvaluationContext(new LockedCall(target, method), method, arguments, NAMES);
            context.setBeanResolver(new BeanFactoryResolver(beans));
            value = expression.getValue(context);
        } catch (EvaluationException e) {
            throw fail("cannot be evaluated: " + e.getMessage(), e);
        }
        List<String> parts = new ArrayList<>();
        if (value instanceof List<?> || value instanceof SortedSet<?>) {
            ((Collection<?>) value).forEach(each -> parts.add(part(each)));
        } else if (value instanceof Object[] several) {
            for (Object each : several) {
                parts.add(part(each));
            }
        } else {
            parts.add(part(value));
        }
        if (parts.isEmpty()) {
            throw fail("is an empty list", null);
        }
        return parts;
    }

    private String part(@Nullable Object wrapped) {
        Object value = ObjectUtils.unwrapOptional(wrapped);
        if (value == null) {
            throw fail("is null", null);
        }
        if (isWithoutOrder(value)) {
            throw fail(
                    "has a " + value.getClass().getName()
                            + " in it, whose text may differ from one process to the next, so that equal ones would have "
                            + "different keys. A List, an array or a SortedSet can be a key of several parts, but none within another",
                    null);
        }
        if (!(value instanceof CharSequence) && !hasText(value.getClass())) {
            throw fail(
                    "is a " + value.getClass().getName()
                            + ", which has no toString of its own, so that equal ones would have "
                            + "different keys. Name one of its properties, such as its id",
                    null);
        }
        String text = value.toString();
        if (text == null || text.isBlank()) {
            throw fail("is blank", null);
        }
        return text;
    }

    /** Whether its text depends on more than what it is equal to: on an order that it does not promise, or on a proxy's handler. */
    private static boolean isWithoutOrder(Object value) {
        return (value instanceof Iterable<?> && !(value instanceof Path))
                || value instanceof Map<?, ?>
                || Proxy.isProxyClass(value.getClass());
    }

    private static boolean hasText(Class<?> type) {
        try {
            return !type.isArray() && type.getMethod("toString").getDeclaringClass() != Object.class;
        } catch (NoSuchMethodException e) {
            return false;
        }
    }

    private LockKeyException fail(String what, @Nullable Throwable cause) {
        return new LockKeyException(
                "The key \"" + text + "\" of the @Locked method " + LockedMethod.describe(method) + " " + what
                        + ". Nothing was locked, and the method was not run.",
                cause);
    }
}
