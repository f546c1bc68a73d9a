{{- define "baton.name" -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "baton.labels" -}}
app.kubernetes.io/name: baton
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "baton.commonLabels" -}}
{{ include "baton.labels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end }}

{{- /* baton.image: of one process. Takes root and values. */ -}}
{{- define "baton.image" -}}
{{- $image := .root.Values.image -}}
{{- if and $image.digest (not .values.tag) -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ .values.tag | default $image.tag | default .root.Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- define "baton.serviceAccount" -}}
{{ .Values.serviceAccount.name | default (include "baton.name" .) }}
{{- end }}

{{- /* baton.deployment: one process, as a Deployment. Takes root, component, port, values and probes' numbers. */ -}}
{{- define "baton.deployment" -}}
{{- $root := .root -}}
{{- $values := .values -}}
{{- $scaled := .scaled -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "baton.name" $root }}-{{ .component }}
  labels: {{- include "baton.commonLabels" . | nindent 4 }}
spec:
  {{- if not $scaled }}
  replicas: {{ $values.replicas }}
  {{- end }}
  # A new one before an old one goes: every request is answered during an upgrade.
  strategy:
    type: RollingUpdate
    rollingUpdate: { maxSurge: 1, maxUnavailable: 0 }
  selector:
    matchLabels: {{- include "baton.labels" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "baton.commonLabels" . | nindent 8 }}
      {{- with $root.Values.podAnnotations }}
      annotations: {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      serviceAccountName: {{ include "baton.serviceAccount" $root }}
      automountServiceAccountToken: false
      # BATON_ADMIN_PORT=tcp://… and its like would only be in the way.
      enableServiceLinks: false
      terminationGracePeriodSeconds: {{ include "baton.gracePeriod" $root }}
      securityContext:
        runAsNonRoot: true
        runAsUser: 1000
        runAsGroup: 1000
        fsGroup: 1000
        seccompProfile: { type: RuntimeDefault }
      {{- with $root.Values.imagePullSecrets }}
      imagePullSecrets: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $root.Values.nodeSelector }}
      nodeSelector: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $root.Values.tolerations }}
      tolerations: {{- toYaml . | nindent 8 }}
      {{- end }}
      topologySpreadConstraints:
        {{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
        - maxSkew: 1
          topologyKey: {{ $key }}
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels: {{- include "baton.labels" $ | nindent 14 }}
        {{- end }}
      containers:
        - name: {{ .component }}
          image: {{ include "baton.image" . | quote }}
          imagePullPolicy: {{ $root.Values.image.pullPolicy }}
          args: [{{ .component }}]
          ports:
            - { name: http, containerPort: {{ .port }} }
          env:
            - { name: BATON_REDIS_URL_FILE, value: /etc/baton/secret/redis-url }
            - { name: BATON_KEYRING_FILE, value: /etc/baton/secret/keyring }
            {{- if eq .component "admin" }}
            - { name: BATON_ADMIN_KEY_FILE, value: /etc/baton/secret/admin-key }
            {{- end }}
            {{- range $name, $key := $root.Values.secret.more }}
            {{- if hasKey $root.Values.config $name }}
            {{- fail (printf "%s is in config and in secret.more: keep one" $name) }}
            {{- end }}
            - { name: {{ $name }}_FILE, value: /etc/baton/secret/{{ $key }} }
            {{- end }}
            - { name: BATON_DRAIN_MS, value: {{ $root.Values.drainMs | quote }} }
            - { name: BATON_SHUTDOWN_MS, value: {{ $root.Values.shutdownMs | quote }} }
            {{- if $root.Values.certificateAuthority.configMap }}
            - { name: NODE_EXTRA_CA_CERTS, value: /etc/baton/ca/{{ $root.Values.certificateAuthority.key }} }
            {{- end }}
            {{- range $name, $key := $root.Values.secret.variables }}
            {{- if hasKey $root.Values.config $name }}
            {{- fail (printf "%s is in config and in secret.variables: keep one" $name) }}
            {{- end }}
            - name: {{ $name }}
              valueFrom: { secretKeyRef: { name: {{ $root.Values.secret.name }}, key: {{ $key }} } }
            {{- end }}
            {{- range $name, $value := $root.Values.config }}
            - { name: {{ $name }}, value: {{ $value | quote }} }
            {{- end }}
          # A process that waits for Redis at its start is alive; one that does not start within a minute is not.
          startupProbe:
            httpGet: { path: /livez, port: http }
            periodSeconds: 2
            failureThreshold: 30
          # It does not depend on Redis: a Redis that is gone is no reason to restart anything.
          livenessProbe:
            httpGet: { path: /livez, port: http }
            periodSeconds: 10
            timeoutSeconds: 3
            failureThreshold: 6
          readinessProbe:
            httpGet: { path: /readyz, port: http }
            periodSeconds: 2
            timeoutSeconds: 2
            failureThreshold: 1
          resources: {{- toYaml $values.resources | nindent 12 }}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: { drop: [ALL] }
          volumeMounts:
            - { name: secret, mountPath: /etc/baton/secret, readOnly: true }
            {{- if $root.Values.certificateAuthority.configMap }}
            - { name: ca, mountPath: /etc/baton/ca, readOnly: true }
            {{- end }}
      volumes:
        - name: secret
          secret:
            secretName: {{ required "secret.name is required: the Secret with redis-url, keyring and admin-key" $root.Values.secret.name }}
            defaultMode: 0440
        {{- with $root.Values.certificateAuthority.configMap }}
        - name: ca
          configMap: { name: {{ . }} }
        {{- end }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "baton.name" $root }}-{{ .component }}
  labels: {{- include "baton.commonLabels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels: {{- include "baton.labels" . | nindent 6 }}
{{- end }}

{{- define "baton.gracePeriod" -}}
{{ add 5 (ceil (divf (add .Values.drainMs .Values.shutdownMs) 1000)) }}
{{- end }}

{{- define "baton.service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "baton.name" .root }}-{{ .component }}
  labels: {{- include "baton.commonLabels" . | nindent 4 }}
spec:
  {{- if .service.headless }}
  clusterIP: None
  {{- else }}
  type: {{ .service.type }}
  {{- end }}
  selector: {{- include "baton.labels" . | nindent 4 }}
  ports:
    - { name: http, port: {{ .service.port }}, targetPort: http }
{{- end }}

{{- define "baton.expose" -}}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ include "baton.name" .root }}-{{ .component }}
  labels: {{- include "baton.commonLabels" . | nindent 4 }}
  {{- with .expose.annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- with .expose.className }}
  ingressClassName: {{ . }}
  {{- end }}
  {{- with .expose.tlsSecret }}
  tls:
    - hosts: [{{ $.expose.host | quote }}]
      secretName: {{ . }}
  {{- end }}
  rules:
    - host: {{ .expose.host | quote }}
      http:
        paths:
          {{- range .paths }}
          - path: {{ . }}
            pathType: Prefix
            backend:
              service:
                name: {{ include "baton.name" $.root }}-{{ $.component }}
                port: { name: http }
          {{- end }}
{{- end }}

{{- /* baton.egress: a rule of a network policy. Takes ports and to. */ -}}
{{- define "baton.egress" -}}
- ports:
    {{- range .ports }}
    - { port: {{ . }}, protocol: TCP }
    {{- end }}
  {{- with .to }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{- /* baton.checkRange: refuses a scaling whose least is above its most. Takes name and scaling. */ -}}
{{- define "baton.checkRange" -}}
{{- if gt (int .scaling.minReplicas) (int .scaling.maxReplicas) }}
{{- fail (printf "%s: minReplicas is above maxReplicas" .name) }}
{{- end }}
{{- end }}

{{- define "baton.scaleByCpu" -}}
{{- include "baton.checkRange" (dict "name" (printf "%s.autoscaling" .component) "scaling" .scaling) -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ include "baton.name" .root }}-{{ .component }}
  labels: {{- include "baton.commonLabels" . | nindent 4 }}
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: {{ include "baton.name" .root }}-{{ .component }} }
  minReplicas: {{ .scaling.minReplicas }}
  maxReplicas: {{ .scaling.maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target: { type: Utilization, averageUtilization: {{ .scaling.targetCPU }} }
{{- end }}

{{- /*
  baton.rulesOfNamespace: rules that see one namespace's series alone, and say so by a label. Prometheus scrapes other
  environments, too, and their workers must not hide that here none runs. Takes rules and namespace.
*/ -}}
{{- define "baton.rulesOfNamespace" -}}
{{- $matcher := printf "${1}{namespace=%q}" .namespace -}}
{{- $rules := fromYaml .rules -}}
{{- range $group := $rules.groups -}}
{{- range $rule := $group.rules -}}
{{- /* Each series gets a matcher of its own, which is then joined with the one it has. */ -}}
{{- $expr := regexReplaceAll "\\b(up|baton[_:][a-z0-9_:]+)\\b" $rule.expr $matcher | replace "\"}{" "\"," -}}
{{- $_ := set $rule "expr" $expr -}}
{{- $_ := set $rule "labels" (merge (dict "namespace" $.namespace) ($rule.labels | default dict)) -}}
{{- end -}}
{{- end -}}
{{ toYaml $rules }}
{{- end }}
