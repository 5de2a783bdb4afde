/** What holds the pages and the code together. */
package dev.holdfast.docs;
