/** A form beside the recipe's text, made from the settings of its method; each changes the other (web/client/check-recipe.ts). */

import type { SettingField } from '../../../protocol/methods/setting-field.js';

export function SettingFields({ fields }: { fields: SettingField[] }) {
  if (fields.length === 0) return <p className="muted">The settings are shown here when the recipe names a method.</p>;
  const others = fields.filter(({ is_first }) => !is_first);
  return (
    <>
      {fields
        .filter(({ is_first }) => is_first)
        .map((field) => (
          <Field key={field.path} field={field} />
        ))}
      <details>
        <summary>{others.length} more settings</summary>
        {others.map((field) => (
          <Field key={field.path} field={field} />
        ))}
      </details>
    </>
  );
}

function Field({ field: { path, value, description, default_text, reason, choices } }: { field: SettingField }) {
  const id = `set-${path}`;
  return (
    <div className="setting">
      <label htmlFor={id}>
        <code>{path}</code>
      </label>
      {choices ? (
        <select id={id} data-setting={path} defaultValue={value} aria-describedby={`${id}-why`}>
          <option value="">default</option>
          {choices.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      ) : (
        <input
          id={id}
          data-setting={path}
          defaultValue={value}
          placeholder={default_text}
          aria-describedby={`${id}-why`}
          autoComplete="off"
        />
      )}
      <p id={`${id}-why`} className="muted small">
        {description.charAt(0).toUpperCase() + description.slice(1)}. Default: {default_text}
        {reason && `; ${reason}`}.
      </p>
    </div>
  );
}
