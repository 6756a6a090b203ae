"use strict";

// Within a tag: by path, and there in the order in which one meets the methods.
const METHODS = ["get", "post", "put", "patch", "delete"];

const byPathAndMethod = (a, b) =>
  a.get("path").localeCompare(b.get("path")) ||
  METHODS.indexOf(a.get("method")) - METHODS.indexOf(b.get("method"));

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  displayRequestDuration: true,
  // The schemas stand where they are used.
  defaultModelsExpandDepth: -1,
  operationsSorter: byPathAndMethod,
  // Nothing is asked elsewhere.
  validatorUrl: null,
});
