package dev.holdfast.jepsen.mutants;

import dev.holdfast.jepsen.simulation.Simulations;
import dev.holdfast.node.internal.membership.MembershipSimulation;
import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** The product with a defect, compiled into a folder and loaded beside the real one. */
final class MutatedProduct implements AutoCloseable {
    private final URLClassLoader loader;

    private MutatedProduct(URLClassLoader loader) {
        this.loader = loader;
    }

    /** Whether this JVM can compile. */
    static boolean canBeMade() {
        return ToolProvider.getSystemJavaCompiler() != null;
    }

    /**
     * Builds the defect in.
     *
     * @param root of the repository
     * @param folder empty, for what is compiled
     */
    static MutatedProduct of(Mutant mutant, Path root, Path folder) throws IOException {
        List<Path> changed = new ArrayList<>();
        for (Map.Entry<String, String> source : sources(mutant, root).entrySet()) {
            Path file = folder.resolve("src").resolve(Path.of(source.getKey()).getFileName());
            Files.createDirectories(file.getParent());
            changed.add(Files.writeString(file, source.getValue()));
        }
        Path classes = Files.createDirectories(folder.resolve("classes"));
        if (!changed.isEmpty()) {
            compile(changed, classes);
        }
        return new MutatedProduct(loader(classes));
    }

    /**
     * The sources that the mutant changes, changed, by their paths.
     *
     * @param root of the repository
     * @throws IllegalStateException if a text that it replaces does not occur exactly once
     */
    static Map<String, String> sources(Mutant mutant, Path root) throws IOException {
        Map<String, String> sources = new LinkedHashMap<>();
        for (Mutant.Edit edit : mutant.edits()) {
            String source = sources.containsKey(edit.file())
                    ? sources.get(edit.file())
                    : Files.readString(root.resolve(edit.file()));
            int at = source.indexOf(edit.find());
            if (at < 0 || source.indexOf(edit.find(), at + 1) >= 0) {
                throw new IllegalStateException("the mutant '" + mutant.name() + "' does not apply: " + edit.file()
                        + " must contain this exactly once: " + edit.find());
            }
            sources.put(edit.file(), source.replace(edit.find(), edit.replace()));
        }
        return sources;
    }

    /** Compiles sources of the product against the rest of it. */
    static void compile(List<Path> sources, Path classes) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            StringWriter complaints = new StringWriter();
            List<String> options = List.of(
                    "-cp", System.getProperty("java.class.path"), "-d", classes.toString(), "-proc:none", "-nowarn");
            if (!compiler.getTask(
                            complaints,
                            files,
                            null,
                            options,
                            null,
                            files.getJavaFileObjects(sources.toArray(Path[]::new)))
                    .call()) {
                throw new IllegalStateException("this does not compile: " + complaints);
            }
        }
    }

    /** Loads everything anew, the changed classes first. */
    private static URLClassLoader loader(Path classes) throws MalformedURLException {
        List<URL> urls = new ArrayList<>();
        urls.add(classes.toUri().toURL());
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            urls.add(Path.of(entry).toUri().toURL());
        }
        return new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }

    /**
     * What that check finds; {@code null} if nothing.
     *
     * @param seeds how many, if it is a simulation
     * @param watched whether the simulation of clients looks into the machine
     */
    String firstFailure(Mutant.Check check, long seeds, boolean watched) throws ReflectiveOperationException {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            if (check.equals(Mutant.Check.CLIENTS)) {
                return (String) loader.loadClass(Simulations.class.getName())
                        .getMethod("firstFailureInBrief", long.class, long.class, boolean.class)
                        .invoke(null, 1, seeds, watched);
            }
            if (check.equals(Mutant.Check.MEMBERS)) {
                return (String) loader.loadClass(MembershipSimulation.class.getName())
                        .getMethod("firstFailure", long.class, long.class)
                        .invoke(null, 1, seeds);
            }
            return failureOf(check.type(), check.method());
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** How a test fails that needs nothing around it. */
    private String failureOf(String type, String test) throws ReflectiveOperationException {
        Constructor<?> constructor = loader.loadClass(type).getDeclaredConstructor();
        constructor.setAccessible(true);
        Method method = constructor.getDeclaringClass().getDeclaredMethod(test);
        method.setAccessible(true);
        try {
            method.invoke(constructor.newInstance());
            return null;
        } catch (InvocationTargetException e) {
            return test + ": "
                    + String.valueOf(e.getCause().getMessage()).strip().replaceAll("\\s+", " ");
        }
    }

    @Override
    public void close() throws IOException {
        loader.close();
    }
}
