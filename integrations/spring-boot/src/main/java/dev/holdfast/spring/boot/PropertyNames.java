package dev.holdfast.spring.boot;

import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * The names of the properties that there are. Spring Boot itself passes over a name that it does not know if it is that of an environment
 * variable or a system property, and never sees those of a group that nothing is bound to.
 *
 * <p>Names are compared by their letters and digits, which is more lenient than Spring Boot is, but takes all of its spellings.
 */
final class PropertyNames {
    private static final List<String> GROUPS = List.of("client", "node", "start", "actuator");
    private static final Set<String> KNOWN = known();
    private static final Pattern INDEX = Pattern.compile("(_\\d+_?|\\[\\d+])$");

    /** What Kubernetes sets in every container for a service, which may be called holdfast-node. */
    private static final Pattern OF_A_SERVICE =
            Pattern.compile(".*_(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT|PORT_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)");

    private final ConfigurableEnvironment environment;

    PropertyNames(ConfigurableEnvironment environment) {
        this.environment = environment;
    }

    /** @throws HoldfastStartException if there is a name that means nothing */
    void check() {
        Set<String> unknown = new TreeSet<>();
        GROUPS.forEach(group -> unknown.addAll(of(group)));
        unknown.removeIf(name -> KNOWN.contains(letters(INDEX.matcher(name).replaceFirst(""))));
        if (!unknown.isEmpty()) {
            throw Setting.missing(
                    "There is no such property: " + String.join(", ", unknown),
                    "Correct the names, or remove them. docs/spring-boot.md lists the properties.");
        }
    }

    /** @throws HoldfastStartException if there is a property of a peer, which an application without one does not read */
    void refuseNode() {
        Set<String> names = of("node");
        if (!names.isEmpty()) {
            throw Setting.missing(
                    "holdfast.mode is 'thin', but there are properties of an embedded peer: "
                            + String.join(", ", names),
                    "Set holdfast.mode to 'embedded', or remove them.");
        }
    }

    /** As they are written where they were found. */
    private Set<String> of(String group) {
        Set<String> names = new TreeSet<>();
        for (PropertySource<?> source : environment.getPropertySources()) {
            if (source instanceof EnumerablePropertySource<?> enumerable) {
                boolean variables = source instanceof SystemEnvironmentPropertySource;
                Stream.of(enumerable.getPropertyNames())
                        .filter(name -> isOf(group, name, variables))
                        .forEach(names::add);
            }
        }
        return names;
    }

    private static boolean isOf(String group, String name, boolean variables) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.startsWith("holdfast." + group + ".")) {
            return true;
        }
        return variables
                && lower.startsWith("holdfast_" + group + "_")
                && !OF_A_SERVICE.matcher(name.toUpperCase(Locale.ROOT)).matches();
    }

    private static String letters(String name) {
        StringBuilder letters = new StringBuilder();
        name.toLowerCase(Locale.ROOT).chars().filter(Character::isLetterOrDigit).forEach(letters::appendCodePoint);
        return letters.toString();
    }

    private static Set<String> known() {
        Set<String> known = new HashSet<>();
        collect("holdfast", HoldfastProperties.class, known);
        collect("holdfastclient", HoldfastClientProperties.class, known);
        collect("holdfastnode", HoldfastNodeProperties.class, known);
        return Set.copyOf(known);
    }

    private static void collect(String prefix, Class<?> type, Collection<String> into) {
        for (RecordComponent each : type.getRecordComponents()) {
            String name = prefix + letters(each.getName());
            if (each.getType().isRecord()) {
                collect(name, each.getType(), into);
            } else {
                into.add(name);
            }
        }
    }
}
